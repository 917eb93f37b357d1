using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>
/// Proves what a mask does from how it is computed, however exporters spell that: evaluates its graph for the four cases that
/// a query and a key can be in, with the promised inputs as the only unknowns.
/// </summary>
/// <param name="facts">Sizes that the graph computes.</param>
/// <param name="contracts">What was promised of inputs.</param>
/// <param name="padding">The mask among the inputs that is promised to be right-padded.</param>
/// <param name="past">How many keys stand before the first query.</param>
internal sealed class MaskReading(ShapeFacts facts, ImmutableArray<InputContract> contracts, Value padding, Dimension past)
{
    /// <summary>A score that this is added to counts for nothing.</summary>
    private const double Forbidden = -1e4;

    /// <summary>Far more than any exporter's mask takes.</summary>
    private const int MostSteps = 1000;

    private int _steps;

    /// <summary>Whether the mask forbids what is in the future or padded, and nothing else.</summary>
    /// <param name="mask">The mask of an Attention.</param>
    /// <param name="isCausal">Whether the Attention forbids the future itself.</param>
    public bool IsCausalAndPadding(Value mask, bool isCausal)
    {
        if (mask.Shape is not { Rank: >= 2 and <= 4 } shape || Read(mask, [.. Enumerable.Repeat(MaskAxis.Other, shape.Rank - 2), MaskAxis.Query, MaskAxis.Key])?.Numbers is not { } numbers)
            return false;
        bool chooses = mask.ElementType == ElementType.Bool;
        bool Forbids(double number) => chooses ? number == 0 : number <= Forbidden;
        return MaskTerm.Cases.Zip(numbers.ByCase).All(p => p.First switch
        {
            MaskCase.Allowed => p.Second is [var number] && number == (chooses ? 1 : 0),
            MaskCase.Future when isCausal => p.Second.All(n => Forbids(n) || n == (chooses ? 1 : 0)),
            _ => p.Second.All(Forbids),
        });
    }

    /// <summary>What is known of a value's elements; null where nothing is.</summary>
    /// <param name="value">The value.</param>
    /// <param name="axes">What its axes run over.</param>
    private MaskTerm? Read(Value value, ImmutableArray<MaskAxis> axes)
    {
        if (++_steps > MostSteps)
            return null;
        if (value == padding)
            return axes is [MaskAxis.Other, MaskAxis.Key] ? MaskTerm.Of(c => [c.HasFlag(MaskCase.Padded) ? 0 : 1]) : null;
        if (value.IsInput)
            return axes is [.., MaskAxis.Query] && contracts.Promise(value, InputContract.Consecutive) ? new MaskIndex(MaskAxis.Query, past) : null;
        if (value.Constant is { } constant)
            return Number(value, constant) is { } number ? MaskTerm.Of(number) : null;
        if (facts.ValueOf(value) is [var size] && !size.IsUnknown)
            return new MaskIndex(MaskAxis.Other, size);
        return value is { Producer: { Domain.Length: 0 } node, OutputIndex: 0 } ? Read(node, axes) : null;
    }

    private MaskTerm? Read(Node node, ImmutableArray<MaskAxis> axes) => node.OpType switch
    {
        "Identity" => Input(node, 0, axes),
        "Cast" => Cast(node, Input(node, 0, axes)),
        "Expand" => Input(node, 0, axes),
        "Unsqueeze" or "Squeeze" or "Reshape" => Rearranged(node, axes),
        "Transpose" => Permutation.Of(node) is { } permutation && permutation.Rank == axes.Length ? Input(node, 0, [.. permutation.Inverse().Apply(axes)]) : null,
        "Slice" => KeepsStart(node) ? Input(node, 0, axes) : null,
        "ConstantOfShape" => MaskTerm.Of(node.Attribute("value") is TensorAttribute { Value: { ElementCount: 1 } fill } ? Number(node.Output, fill) ?? double.NaN : 0),
        "Range" => node.Inputs is [{ } start, _, { } step] && axes is [var axis] && Read(step, [])?.Index is { Axis: MaskAxis.Other } one && one.Offset.Equals(Dimension.Of(1))
            && Read(start, [])?.Index is { Axis: MaskAxis.Other } first ? new MaskIndex(axis, first.Offset) : null,
        "Trilu" => Triangle(node, axes),
        "Add" or "Sub" => Shifted(node, axes) ?? Computed(node, axes),
        "Less" or "LessOrEqual" or "Greater" or "GreaterOrEqual" => Compared(node, axes) ?? Computed(node, axes),
        _ => Computed(node, axes),
    };

    private MaskTerm? Computed(Node node, ImmutableArray<MaskAxis> axes)
    {
        Func<double[], double>? compute = node.OpType switch
        {
            "Add" => x => x[0] + x[1],
            "Sub" => x => x[0] - x[1],
            "Mul" => x => x[0] * x[1],
            "Neg" => x => -x[0],
            "Not" => x => x[0] == 0 ? 1 : 0,
            "And" => x => x[0] != 0 && x[1] != 0 ? 1 : 0,
            "Or" => x => x[0] != 0 || x[1] != 0 ? 1 : 0,
            "Max" => x => x.Max(),
            "Min" => x => x.Min(),
            "Clip" => x => Math.Min(Math.Max(x[0], x[1]), x[2]),
            "Equal" => x => x[0] == x[1] ? 1 : 0,
            "Less" => x => x[0] < x[1] ? 1 : 0,
            "LessOrEqual" => x => x[0] <= x[1] ? 1 : 0,
            "Greater" => x => x[0] > x[1] ? 1 : 0,
            "GreaterOrEqual" => x => x[0] >= x[1] ? 1 : 0,
            "Where" => x => x[0] != 0 ? x[1] : x[2],
            _ => null,
        };
        return compute is null ? null : MaskTerm.Combine([.. node.Inputs.Select((_, i) => Input(node, i, axes))], compute);
    }

    /// <summary>An input of a node that broadcasts its inputs; axes of one element run over nothing.</summary>
    private MaskTerm? Input(Node node, int index, ImmutableArray<MaskAxis> axes)
    {
        if (node.Input(index) is not { Shape: { } shape } input || shape.Rank > axes.Length || node.Output.Shape is not { } whole || whole.Rank != axes.Length)
            return null;
        int missing = axes.Length - shape.Rank;
        bool isPermuted = node.OpType == "Transpose";
        return Read(input, [.. shape.Select((size, i) => !isPermuted && size.Equals(Dimension.Of(1)) && !whole[i + missing].Equals(size) ? MaskAxis.Other : axes[i + missing])]);
    }

    /// <summary>Axes of one element come and go.</summary>
    private MaskTerm? Rearranged(Node node, ImmutableArray<MaskAxis> axes)
    {
        if (node.Input(0) is not { Shape: { } before } input || node.Output.Shape is not { } after || after.Rank != axes.Length)
            return null;
        Dimension one = Dimension.Of(1);
        int[] from = [.. Enumerable.Range(0, before.Rank).Where(i => !before[i].Equals(one))];
        int[] to = [.. Enumerable.Range(0, after.Rank).Where(i => !after[i].Equals(one))];
        if (from.Length != to.Length || from.Zip(to).Any(p => !before[p.First].Equals(after[p.Second])))
            return null;
        var mapped = new MaskAxis[before.Rank];
        foreach ((int old, int now) in from.Zip(to))
            mapped[old] = axes[now];
        return Read(input, [.. mapped]);
    }

    private static MaskTerm? Cast(Node node, MaskTerm? term) => node.IntAttribute("to") switch
    {
        (long)ElementType.Bool => MaskTerm.Combine([term], x => x[0] != 0 ? 1 : 0),
        (long)ElementType.Float or (long)ElementType.Float16 or (long)ElementType.BFloat16 or (long)ElementType.Double or (long)ElementType.Int64 or (long)ElementType.Int32 => term,
        _ => null,
    };

    private MaskTerm? Shifted(Node node, ImmutableArray<MaskAxis> axes)
    {
        if (Input(node, 0, axes)?.Index is not { } a || Input(node, 1, axes)?.Index is not { } b)
            return null;
        if (node.OpType == "Sub")
            return b.Axis == MaskAxis.Other ? a with { Offset = a.Offset - b.Offset } : null;
        return b.Axis == MaskAxis.Other ? a with { Offset = a.Offset + b.Offset } : a.Axis == MaskAxis.Other ? b with { Offset = a.Offset + b.Offset } : null;
    }

    /// <summary>A comparison of a key's place with a query's that tells the future from the rest.</summary>
    private MaskTerm? Compared(Node node, ImmutableArray<MaskAxis> axes)
    {
        if (Input(node, 0, axes)?.Index is not { } a || Input(node, 1, axes)?.Index is not { } b)
            return null;
        bool isKeyFirst = a.Axis == MaskAxis.Key && b.Axis == MaskAxis.Query;
        if (!isKeyFirst && (a.Axis, b.Axis) != (MaskAxis.Query, MaskAxis.Key))
            return null;
        bool isGreater = node.OpType.StartsWith("Greater", StringComparison.Ordinal) == isKeyFirst;
        bool orEqual = node.OpType.EndsWith("OrEqual", StringComparison.Ordinal);
        // key − query, compared with the difference of the offsets; the future is where it is greater than the past.
        Dimension bound = isKeyFirst ? b.Offset - a.Offset : a.Offset - b.Offset;
        return bound.Equals(isGreater == orEqual ? past + Dimension.Of(1) : past)
            ? MaskTerm.Of(c => [c.HasFlag(MaskCase.Future) == isGreater ? 1 : 0]) : MaskTerm.Of(_ => [0, 1]);
    }

    private MaskTerm? Triangle(Node node, ImmutableArray<MaskAxis> axes)
    {
        if (axes is not [.., MaskAxis.Query, MaskAxis.Key] || Input(node, 0, axes)?.Numbers is not { } numbers)
            return null;
        Dimension? diagonal = node.Input(1) is not { } input ? Dimension.Of(0L) : Read(input, [])?.Index is { Axis: MaskAxis.Other } index ? index.Offset : null;
        bool isUpper = node.IntAttribute("upper", 1) != 0;
        // Key − query is greater than the past in the future, which is at least 0.
        bool isExact = diagonal is not null && diagonal.Equals(isUpper ? past + Dimension.Of(1) : past);
        bool keepsFuture = isUpper && diagonal is not null && diagonal.TryGetValue(out long d) && d <= 1;
        IEnumerable<double> With0(ImmutableArray<double> kept) => kept.Append(0);
        return MaskTerm.Of(c => (c.HasFlag(MaskCase.Future), numbers.ByCase[(int)c]) switch
        {
            (true, var kept) when keepsFuture => kept,
            (var future, var kept) when isExact => future == isUpper ? kept : [0],
            (_, var kept) => With0(kept),
        });
    }

    /// <summary>Whether a slice begins at the beginning of every axis that it cuts, and takes every element from there on.</summary>
    private static bool KeepsStart(Node node) =>
        node.Input(1).Integers() is { } starts && starts.All(s => s == 0) && (node.Input(4) is null || (node.Input(4).Integers() is { } steps && steps.All(s => s == 1)));

    private static double? Number(Value value, Tensor tensor) => tensor.ElementCount != 1 ? null : tensor.ElementType switch
    {
        ElementType.Int64 => tensor.Read<long>()[0],
        ElementType.Int32 => tensor.Read<int>()[0],
        ElementType.Bool => tensor.Read<byte>()[0],
        _ => value.Constant is null ? (tensor.ElementType == ElementType.Float ? tensor.Read<float>()[0] : null) : value.Scalar(),
    };
}
