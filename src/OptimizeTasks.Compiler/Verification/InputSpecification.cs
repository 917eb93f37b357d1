using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>An input of a model as the drawing of values sees it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type of the elements.</param>
/// <param name="Sizes">The dimensions: numbers, or texts that a <see cref="Sizing"/> resolves.</param>
/// <param name="Role">What the input stands for.</param>
/// <param name="Bound">Every value must be smaller; null where nothing bounds it.</param>
/// <param name="Choices">The constants that the model compares the input with.</param>
/// <param name="IsPromised">Whether it was promised that a mask is right-padded, or that positions are consecutive.</param>
internal sealed record InputSpecification(
    string Name, ElementType Type, ImmutableArray<SizeTerm> Sizes, InputRole Role, long? Bound, ImmutableArray<long> Choices, bool IsPromised = false);
