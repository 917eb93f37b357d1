using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>An operator whose output says which elements of a tensor it picked.</summary>
/// <param name="Operator">The operator's name.</param>
/// <param name="From">What it picks from.</param>
/// <param name="Axis">The axis along which it picks; null for boxes, which are picked by three indices.</param>
internal sealed record Pick(string Operator, Value From, int? Axis)
{
    /// <summary>The operator behind an output, through operators that keep the order of elements; null where there is none.</summary>
    public static Pick? Behind(Value? output)
    {
        while (output?.Producer is { } node && node.Domain.Length == 0)
        {
            switch (node.OpType)
            {
                case "Cast" or "Identity" or "Squeeze" or "Unsqueeze" or "Reshape" or "Flatten":
                    output = node.Input(0);
                    break;
                case "ArgMax" or "ArgMin":
                    return node.Input(0) is { } from ? new Pick(node.OpType, from, (int)node.IntAttribute("axis")) : null;
                case "TopK" when output.OutputIndex == 1:
                    return node.Input(0) is { } values ? new Pick(node.OpType, values, (int)node.IntAttribute("axis", -1)) : null;
                case "NonMaxSuppression":
                    return node.Input(1) is { } scores ? new Pick(node.OpType, scores, null) : null;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether both picks have the same values, up to <paramref name="tolerance"/> of the values' magnitude.</summary>
    public bool IsTie(Tensor from, long[] expected, long[] actual, double tolerance)
    {
        if (Numbers(from) is not { Length: > 0 } values)
            return false;
        double magnitude = Math.Sqrt(values.Select(v => double.IsFinite(v) ? v * v : 0).Average());
        double allowed = tolerance * Math.Max(magnitude, SmallestMagnitudes.Default);
        return Axis is { } axis
            ? IsTieAlong(from, values, axis < 0 ? axis + from.Rank : axis, expected, actual, allowed)
            : IsTieOfBoxes(from, values, expected, actual, allowed);
    }

    private static bool IsTieAlong(Tensor from, double[] values, int axis, long[] expected, long[] actual, double allowed)
    {
        if (axis < 0 || axis >= from.Rank || from.Dimensions[axis] == 0)
            return false;
        long length = from.Dimensions[axis];
        long inner = from.Dimensions.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        long picksOfRow = expected.Length / (values.Length / length);
        for (long i = 0; i < expected.Length; i++)
        {
            // Picks are laid out as the tensor is, with the number of picks instead of the axis's length.
            long row = (i / (picksOfRow * inner) * length * inner) + (i % inner);
            if (!IsWithin(expected[i], length) || !IsWithin(actual[i], length)
                || !AreClose(values[row + (expected[i] * inner)], values[row + (actual[i] * inner)], allowed))
                return false;
        }

        return true;
    }

    private static bool IsTieOfBoxes(Tensor scores, double[] values, long[] expected, long[] actual, double allowed)
    {
        if (scores.Rank != 3 || expected.Length % 3 != 0)
            return false;
        for (int i = 0; i < expected.Length; i += 3)
        {
            if (ScoreIndex(scores, expected.AsSpan(i, 3)) is not { } a || ScoreIndex(scores, actual.AsSpan(i, 3)) is not { } b
                || expected[i] != actual[i] || expected[i + 1] != actual[i + 1] || !AreClose(values[a], values[b], allowed))
                return false;
        }

        return true;
    }

    private static long? ScoreIndex(Tensor scores, ReadOnlySpan<long> box) =>
        IsWithin(box[0], scores.Dimensions[0]) && IsWithin(box[1], scores.Dimensions[1]) && IsWithin(box[2], scores.Dimensions[2])
            ? (((box[0] * scores.Dimensions[1]) + box[1]) * scores.Dimensions[2]) + box[2]
            : null;

    private static bool IsWithin(long index, long length) => index >= 0 && index < length;

    private static bool AreClose(double a, double b, double allowed) => a.Equals(b) || Math.Abs(a - b) <= allowed;

    private static double[]? Numbers(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => Array.ConvertAll(tensor.Read<float>().ToArray(), v => (double)v),
        ElementType.Double => tensor.Read<double>().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.Read<Half>().ToArray(), v => (double)v),
        ElementType.Int32 => Array.ConvertAll(tensor.Read<int>().ToArray(), v => (double)v),
        ElementType.Int64 => Array.ConvertAll(tensor.Read<long>().ToArray(), v => (double)v),
        _ => null,
    };
}
