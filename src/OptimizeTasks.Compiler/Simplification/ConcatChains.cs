using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Concat behind Concat, and Concat and Split that take each other back.</summary>
internal static class ConcatChains
{
    /// <summary>Takes the inputs of the concatenations before it, or goes where it joins what a Split parted.</summary>
    public static bool TryCollapse(Node concat)
    {
        if (Axis(concat) is not { } axis)
            return false;
        if (concat.Inputs[0]?.Producer is { } split && split.Is("Split") && Axis(split) == axis && split.Outputs.SequenceEqual(concat.Inputs) && concat.TryReplaceBy(split.Inputs[0]!))
            return true;

        var inputs = new List<Value?>();
        foreach (Value? input in concat.Inputs)
        {
            if (input is { IsOutput: false, Uses.Count: 1, Producer: { } inner } && inner.Is("Concat") && Axis(inner) == axis && inner.Graph == concat.Graph)
                inputs.AddRange(inner.Inputs);
            else
                inputs.Add(input);
        }

        if (inputs.Count == concat.Inputs.Count)
            return false;
        for (int i = 0; i < inputs.Count; i++)
            concat.SetInput(i, inputs[i]);
        return true;
    }

    /// <summary>Puts what was joined in the place of what is parted again.</summary>
    public static bool TryCancel(Node concat, Node split)
    {
        if (Axis(concat) is not { } axis || Axis(split) != axis || split.Outputs.Count != concat.Inputs.Count
            || !split.Outputs.Zip(concat.Inputs).All(p => p.First is null || (p.Second!.Shape is { } shape && shape.Equals(p.First.Shape) && p.Second.CanStandFor(p.First))))
            return false;
        for (int i = 0; i < split.Outputs.Count; i++)
        {
            if (split.Outputs[i] is { } output)
                split.Graph!.Replace(output, concat.Inputs[i]!);
        }

        split.Graph!.Remove(split);
        return true;
    }

    /// <summary>The axis counted from the front; null where the rank is unknown.</summary>
    private static int? Axis(Node node) => node.Input(0)?.Shape is { } shape && node.IntAttribute("axis") is var axis && axis >= -shape.Rank && axis < shape.Rank
        ? (int)(axis < 0 ? axis + shape.Rank : axis)
        : null;
}
