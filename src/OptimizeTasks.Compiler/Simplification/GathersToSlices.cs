using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// The first rows of a table by a Slice, where a Gather takes them by the first of the numbers 0, 1, 2, …: so exporters
/// look up positions.
/// </summary>
internal sealed class GathersToSlices : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => graph.AllGraphs().SelectMany(g => g.Nodes).Where(n => n.Is("Gather")).ToArray().Count(TryReplace);

    private static bool TryReplace(Node gather)
    {
        if (gather.IntAttribute("axis") != 0 || gather.Inputs[0] is not { Constant: { Rank: > 0 } table } rows || gather.Inputs[1]?.Producer is not { } slice || !slice.Is("Slice")
            || slice.Graph != gather.Graph || slice.Inputs[0] is not { Constant: { } numbers } || !CountsUp(slice.Inputs[0]!, table.Dimensions[0]) || numbers.Dimensions[^1] != numbers.ElementCount
            || slice.Input(3).Integers() is not [var axis] || (axis != numbers.Rank - 1 && axis != -1))
            return false;

        // The numbers are the last axis of what was sliced, and stand before the other axes of the table.
        Value source = numbers.Rank == 1 ? rows
            : gather.Graph!.AddInitializer(rows.Name, new Tensor(table.ElementType, [.. numbers.Dimensions, .. table.Dimensions.Skip(1)], table.Data));
        Value axes = gather.Graph!.AddInitializer("axes", Tensor.OfInt64(numbers.Rank - 1));
        Value sliced = gather.Graph!.Apply("Slice", [source, slice.Inputs[1], slice.Inputs[2], axes, slice.Input(4)], gather.Output.Name, before: gather);
        sliced.Type = gather.Output.Type;
        return gather.TryReplaceBy(sliced) || Discard(sliced);
    }

    private static bool CountsUp(Value value, long count)
    {
        if (value.Integers() is not { } numbers || numbers.Length != count)
            return false;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] != i)
                return false;
        }

        return true;
    }

    private static bool Discard(Value value)
    {
        value.Graph.Remove(value.Producer!);
        return false;
    }
}
