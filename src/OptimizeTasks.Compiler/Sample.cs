using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>One call of a model as its users make it.</summary>
/// <param name="Inputs">A tensor for every input without initializer, by name.</param>
/// <param name="Label">What the call should answer, for accuracy: the index of a class for each row of the batch; null where nobody said.</param>
public sealed record Sample(IReadOnlyDictionary<string, Tensor> Inputs, Tensor? Label = null);
