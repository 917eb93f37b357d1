using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>New nodes of ONNX Runtime's own operators.</summary>
internal static class KernelPatch
{
    /// <summary>A new node with one output.</summary>
    public static Value Apply(this Patch patch, Kernel kernel, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes) =>
        patch.Apply(kernel, inputs, 1, attributes)[0];

    /// <summary>A new node with several outputs.</summary>
    public static ImmutableArray<Value> Apply(this Patch patch, Kernel kernel, IEnumerable<Value?> inputs, int outputs, params IEnumerable<NodeAttribute> attributes) =>
        patch.ApplyIn(Kernel.Domain, kernel.Name, KernelInputs.WithoutAbsentEnd([.. inputs]), outputs, attributes);
}
