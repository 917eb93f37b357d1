using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>One set of inputs and what the original makes of it.</summary>
/// <param name="Kind">What was drawn, in words.</param>
/// <param name="Sizes">The size of every symbolic dimension.</param>
/// <param name="Inputs">The inputs by name.</param>
/// <param name="Outputs">The original's outputs by name.</param>
internal sealed record ReferenceRun(
    string Kind,
    ImmutableSortedDictionary<string, long> Sizes,
    IReadOnlyDictionary<string, Tensor> Inputs,
    IReadOnlyDictionary<string, Tensor> Outputs)
{
    /// <summary>Draws inputs of the same kind and sizes; the argument is where the drawing starts.</summary>
    public Func<int, IReadOnlyDictionary<string, Tensor>>? Redraw { get; init; }

    /// <summary>What is cleared before outputs are compared.</summary>
    public ImmutableArray<PaddedPlaces> Padding { get; private init; } = [];

    /// <summary>The run with zeros at these places.</summary>
    public ReferenceRun Without(PaddedPlaces places) => this with
    {
        Outputs = Outputs.ToDictionary(o => o.Key, o => places.Clear(o.Key, o.Value), StringComparer.Ordinal),
        Padding = Padding.Add(places),
    };

    /// <summary>What a compiled model gave for an output, with zeros at the same places.</summary>
    public Tensor Clear(string output, Tensor tensor) => Padding.Aggregate(tensor, (cleared, places) => places.Clear(output, cleared));
}
