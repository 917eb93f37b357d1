using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Who looks at an activation while the model runs on samples, one after the other.</summary>
/// <param name="Value">The activation.</param>
/// <param name="TryAdd">Looks at what it is on a sample, floats; false where a number is not finite.</param>
internal sealed record ActivationObserver(Value Value, Func<Tensor, bool> TryAdd);
