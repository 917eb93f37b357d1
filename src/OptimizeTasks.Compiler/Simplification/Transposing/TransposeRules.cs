using System.Collections.Frozen;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Through which operators a transpose can be moved, and what becomes of their axes.</summary>
internal static class TransposeRules
{
    private static readonly FrozenSet<string> s_unary = new[]
    {
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Dropout", "Elu", "Erf", "Exp", "Floor",
        "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid",
        "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// What becomes of the node if the transpose before one of its inputs goes; null where that cannot be. Operators of other
    /// domains, and of operator sets before 13, are left alone.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The number of the input.</param>
    /// <param name="permutation">The transpose before it.</param>
    public static CarriedNode? Carry(Node node, int input, Permutation permutation)
    {
        if (node.Domain.Length != 0 || node.Input(input)?.Shape?.Rank != permutation.Rank)
            return null;
        if (s_unary.Contains(node.OpType))
            return input == 0 && HasOneOutput(node) ? First(node, permutation, permutation) : null;
        if (Broadcasting.IsBroadcasting(node) || node.OpType == "PRelu")
            return Broadcast(node, input, permutation);
        if (node.OpType.StartsWith("Reduce", StringComparison.Ordinal))
            return input == 0 ? Reduce(node, permutation) : null;
        return (node.OpType, input) switch
        {
            ("ArgMax" or "ArgMin", 0) => Pick(node, permutation),
            ("BatchNormalization" or "InstanceNormalization" or "GroupNormalization", 0) => permutation[0] == 0 && permutation[1] == 1 && HasOneOutput(node) ? First(node, permutation, permutation) : null,
            ("Concat", _) => OnAxis(node, [.. node.Inputs.Select(_ => permutation)], permutation),
            ("Gather", 0) => Gather(node, permutation),
            ("LayerNormalization" or "RMSNormalization", 0) => Axis(node, -1, permutation.Rank) is { } axis && permutation.KeepsFrom(axis) && HasOneOutput(node) ? First(node, permutation, permutation) : null,
            ("MatMul", _) => MatMul(node, input, permutation),
            ("Pad", 0) => Pad(node, permutation),
            ("QuantizeLinear" or "DequantizeLinear", 0) => node.Input(1)?.Shape?.Rank == 0 ? First(node, permutation, permutation) : null,
            ("Reshape", 0) => Reshape(node, permutation),
            ("Slice", 0) => Slice(node, permutation),
            ("Softmax" or "LogSoftmax" or "Hardmax", 0) => Softmax(node, permutation),
            ("Split", 0) => OnAxis(node, FirstOnly(node, permutation), permutation, defaultAxis: 0),
            ("Squeeze", 0) => Squeeze(node, permutation),
            ("Tile", 0) => Tile(node, permutation),
            ("Unsqueeze", 0) => Unsqueeze(node, permutation),
            _ => null,
        };
    }

    private static CarriedNode First(Node node, Permutation input, Permutation output, Action<Node>? rewrite = null) => new(FirstOnly(node, input), output, rewrite);

    private static Permutation?[] FirstOnly(Node node, Permutation permutation) => [permutation, .. node.Inputs.Skip(1).Select(_ => (Permutation?)null)];

    private static bool HasOneOutput(Node node) => node.Outputs.Skip(1).All(o => o is null or { IsUnused: true });

    /// <summary>The attribute <c>axis</c>, counted from the front.</summary>
    private static int? Axis(Node node, long defaultAxis, int rank) => Counted(node.IntAttribute("axis", defaultAxis), rank);

    private static int? Counted(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : null;

    /// <summary>The constant axes of an input, counted from the front; null where they are not known, or there are none.</summary>
    private static int[]? Axes(Node node, int input, int rank)
    {
        if (node.Input(input).Integers() is not { IsEmpty: false } numbers)
            return null;
        int[] axes = [.. numbers.Select(a => Counted(a, rank) ?? -1)];
        return axes.Contains(-1) || axes.Distinct().Count() != axes.Length ? null : axes;
    }

    private static Action<Node> SetAxes(int input, IEnumerable<int> axes) => node => SetNumbers(node, input, "_axes", [.. axes.Select(a => (long)a)]);

    private static void SetNumbers(Node node, int input, string suffix, long[] numbers) =>
        node.SetInput(input, node.Graph!.AddInitializer(node.Outputs[0]!.Name + suffix, Tensor.OfInt64(numbers)));

    private static Action<Node> SetAxis(int axis) => node => node.SetAttribute(new IntAttribute("axis", axis));

    private static CarriedNode? OnAxis(Node node, Permutation?[] inputs, Permutation permutation, long? defaultAxis = null) =>
        (defaultAxis is null && node.Attribute("axis") is null) || Axis(node, defaultAxis ?? 0, permutation.Rank) is not { } axis
            ? null
            : new CarriedNode(inputs, permutation, SetAxis(permutation[axis]));

    private static CarriedNode? Broadcast(Node node, int input, Permutation permutation)
    {
        var inputs = new Permutation?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Inputs[i] is not { Shape: { } shape } value || shape.Rank > permutation.Rank)
                return null;
            if (i != input && value.Producer?.OpType != "Transpose" && shape.TryGetSizes(out long[] sizes) && Array.TrueForAll(sizes, s => s == 1))
                continue;
            if (shape.Rank < permutation.Rank && value.Constant is null)
                return null;
            inputs[i] = permutation;
        }

        return new CarriedNode(inputs, permutation);
    }

    private static CarriedNode? Reduce(Node node, Permutation permutation)
    {
        if (node.Input(1) is null || Axes(node, 1, permutation.Rank) is not { } axes)
            return null;
        Permutation output = node.IntAttribute("keepdims", 1) != 0 ? permutation : permutation.Without(axes);
        return First(node, permutation, output, SetAxes(1, axes.Select(a => permutation[a])));
    }

    private static CarriedNode? Pick(Node node, Permutation permutation) => Axis(node, 0, permutation.Rank) is not { } axis ? null
        : First(node, permutation, node.IntAttribute("keepdims", 1) != 0 ? permutation : permutation.Without([axis]), SetAxis(permutation[axis]));

    /// <summary>Runtimes are slow on any axis but the last.</summary>
    private static CarriedNode? Softmax(Node node, Permutation permutation) =>
        Axis(node, -1, permutation.Rank) is { } axis && (permutation[axis] == permutation.Rank - 1 || axis != permutation.Rank - 1)
            ? First(node, permutation, permutation, SetAxis(permutation[axis]))
            : null;

    private static CarriedNode? Gather(Node node, Permutation permutation)
    {
        if (Axis(node, 0, permutation.Rank) is not { } axis)
            return null;
        return node.Input(1)?.Shape?.Rank switch
        {
            0 => First(node, permutation, permutation.Without([axis]), SetAxis(permutation[axis])),
            1 => First(node, permutation, permutation, SetAxis(permutation[axis])),
            _ => null,
        };
    }

    private static CarriedNode? Slice(Node node, Permutation permutation)
    {
        if (node.Input(3) is not null)
            return Axes(node, 3, permutation.Rank) is { } axes ? First(node, permutation, permutation, SetAxes(3, axes.Select(a => permutation[a]))) : null;
        if (node.Input(1)?.Shape is not { Rank: 1 } starts || !starts[0].TryGetValue(out long count) || count > permutation.Rank)
            return null;
        return First(node, permutation, permutation, SetAxes(3, Enumerable.Range(0, (int)count).Select(a => permutation[a])));
    }

    private static CarriedNode? Pad(Node node, Permutation permutation)
    {
        int rank = permutation.Rank;
        if (node.Input(3) is not null)
            return Axes(node, 3, rank) is { } axes ? First(node, permutation, permutation, SetAxes(3, axes.Select(a => permutation[a]))) : null;
        if (node.Input(1).Integers() is not { } pads || pads.Length != 2 * rank)
            return null;
        Permutation back = permutation.Inverse();
        return First(node, permutation, permutation, n => SetNumbers(n, 1, "_pads", [.. back.Apply<long>(pads[..rank]), .. back.Apply<long>(pads[rank..])]));
    }

    private static CarriedNode? Tile(Node node, Permutation permutation) => node.Input(1).Integers() is not { } repeats || repeats.Length != permutation.Rank ? null
        : First(node, permutation, permutation, n => SetNumbers(n, 1, "_repeats", permutation.Inverse().Apply<long>(repeats)));

    private static CarriedNode? Squeeze(Node node, Permutation permutation) => Axes(node, 1, permutation.Rank) is not { } axes ? null
        : First(node, permutation, permutation.Without(axes), SetAxes(1, axes.Select(a => permutation[a]).Order()));

    private static CarriedNode? Unsqueeze(Node node, Permutation permutation)
    {
        if (node.Input(1).Integers() is not { IsEmpty: false } numbers || Axes(node, 1, permutation.Rank + numbers.Length) is not { } axes)
            return null;
        return First(node, permutation, permutation.With(axes));
    }

    private static CarriedNode? Reshape(Node node, Permutation permutation)
    {
        if (node.Input(1)?.Constant is null || node.Input(0)?.Shape is not { } from || node.Output.Shape is not { } to || AxisGroups.Of(from, to) is not { } groups)
            return null;

        // Each group of axes must stand together, in the same order, before the transpose too.
        foreach (AxisGroup group in groups)
        {
            for (int i = group.From.Start.Value + 1; i < group.From.End.Value; i++)
            {
                if (permutation[i] != permutation[i - 1] + 1)
                    return null;
            }
        }

        AxisGroup[] before = [.. groups.OrderBy(g => permutation[g.From.Start.Value])];
        int[] places = [.. before.SelectMany(g => Enumerable.Range(g.To.Start.Value, g.To.End.Value - g.To.Start.Value))];
        if (ReshapeTargets.Of(new Shape(permutation.Inverse().Apply(from)), [.. places.Select(i => to[i])]) is not { } target
            || Permutation.Of([.. places.Select(i => (long)i)]) is not { } output)
            return null;
        return First(node, permutation, output.Inverse(), n =>
        {
            SetNumbers(n, 1, "_shape", target);
            n.RemoveAttribute("allowzero");
        });
    }

    /// <summary>The batch may move; so may rows and columns of both operands together, which then change places: (A·B)ᵀ = Bᵀ·Aᵀ.</summary>
    private static CarriedNode? MatMul(Node node, int input, Permutation permutation)
    {
        int rank = permutation.Rank;
        if (node.Input(1 - input)?.Shape is not { } other || rank < 2 || node.Inputs.Count != 2)
            return null;
        bool keepsMatrices = permutation.KeepsFrom(rank - 2);
        if (input == 0 && other.Rank == 2 && rank > 2 && permutation.KeepsFrom(rank - 1))
            return new CarriedNode([permutation, null], permutation);
        if (other.Rank != rank)
            return null;
        if (keepsMatrices)
            return new CarriedNode([permutation, permutation], permutation);
        if (permutation[rank - 2] != rank - 1 || permutation[rank - 1] != rank - 2 || node.Inputs.Any(i => i!.Constant is not null))
            return null;
        return new CarriedNode([permutation, permutation], permutation, n =>
        {
            Value first = n.Inputs[0]!;
            n.SetInput(0, n.Inputs[1]);
            n.SetInput(1, first);
        });
    }
}
