using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Kernels;

/// <summary>A computation that keeps the shape of its input, written in two ways.</summary>
/// <param name="Kernel">What the second way is called; the name that the compiler's kernel table has for it.</param>
/// <param name="Replaced">What the first way is made of.</param>
/// <param name="Sizes">The sizes of the input.</param>
/// <param name="First">The first way.</param>
/// <param name="Second">The second way.</param>
internal sealed record KernelCase(string Kernel, string Replaced, long[] Sizes, Func<KernelGraph, Value, Value> First, Func<KernelGraph, Value, Value> Second);
