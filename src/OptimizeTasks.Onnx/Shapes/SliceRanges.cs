using System.Collections.Immutable;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>What <c>Slice</c> takes of each axis.</summary>
internal sealed class SliceRanges
{
    private static readonly Dimension s_zero = Dimension.Of(0L);

    private readonly Range?[] _ranges;

    private SliceRanges(Range?[] ranges) => _ranges = ranges;

    /// <summary>The ranges by axis; null where not even the axes are known. Attributes in version 1, inputs since version 10.</summary>
    public static SliceRanges? Of(NodeInference node, int rank)
    {
        bool hasInputs = node.Has(1);
        ImmutableArray<Dimension>? starts = List(node, "starts", 1);
        ImmutableArray<Dimension>? ends = List(node, "ends", 2);
        ImmutableArray<Dimension>? steps = node.Has(4) ? List(node, "steps", 4) : null;
        bool hasAxes = hasInputs ? node.Has(3) : node.Node.Attribute("axes") is not null;
        int? count = starts?.Length ?? ends?.Length;
        long[]? axes = hasAxes ? node.Numbers("axes", 3) : count is { } c ? [.. Enumerable.Range(0, c).Select(i => (long)i)] : null;
        if (axes is null)
            return null;

        var ranges = new Range?[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            if (NodeInference.Axis(axes[i], rank) is not { } axis)
                return null;
            ranges[axis] = new Range(
                i < starts?.Length ? starts.Value[i] : null,
                i < ends?.Length ? ends.Value[i] : null,
                node.Has(4) ? (i < steps?.Length ? steps.Value[i] : null) : Dimension.Of(1L));
        }

        return new SliceRanges(ranges);
    }

    /// <summary>The size that is left of an axis of this size.</summary>
    public Dimension SizeOf(int axis, Dimension size)
    {
        if (_ranges[axis] is not { } range)
            return size;
        if (range.Start is null || range.End is null || range.Step?.TryGetValue(out long step) != true || step == 0)
            return Dimension.Unknown();
        return step > 0 ? Forward(size, range.Start, range.End, step) : Backward(size, range.Start, range.End, step);
    }

    /// <summary>The indices that are taken of an axis of a known size; null where they are not known.</summary>
    public long[]? IndicesOf(int axis, long size)
    {
        if (_ranges[axis] is not { } range)
            return [.. Enumerable.Range(0, (int)size).Select(i => (long)i)];
        if (range.Start?.TryGetValue(out long start) != true || range.End?.TryGetValue(out long end) != true || range.Step?.TryGetValue(out long step) != true || step == 0)
            return null;
        (long first, long past) = Clamp(size, start, end, step);
        var indices = new List<long>();
        for (long i = first; step > 0 ? i < past : i > past; i += step)
            indices.Add(i);
        return [.. indices];
    }

    private static ImmutableArray<Dimension>? List(NodeInference node, string attribute, int input) =>
        node.Node.IntsAttribute(attribute) is { } list ? [.. list.Select(Dimension.OfInteger)] : node.Tracked(input)?.Elements;

    private static (long First, long Past) Clamp(long size, long start, long end, long step)
    {
        long first = start < 0 ? start + size : start;
        long past = end < 0 ? end + size : end;
        return step > 0 ? (Math.Clamp(first, 0, size), Math.Clamp(past, 0, size)) : (Math.Clamp(first, 0, Math.Max(0, size - 1)), Math.Clamp(past, -1, size - 1));
    }

    private static Dimension Forward(Dimension size, Dimension start, Dimension end, long step)
    {
        if (Past(size, end) is not { } past)
            return Dimension.Unknown();
        Dimension length;
        // A start beyond the size need not be clamped: the length is negative then, which counts as 0.
        if (start.IsAtLeast(0))
            length = Dimension.Max(s_zero, past - start);
        else if (!start.IsAtMost(Dimension.OfInteger(-1)))
            return Dimension.Unknown();
        else if (past.Equals(size))
            length = Dimension.Min(size, -start);
        else
            length = Dimension.Max(s_zero, past - Dimension.Max(s_zero, size + start));
        return Dimension.CeilDiv(length, Dimension.OfInteger(step));
    }

    /// <summary>Where a slice ends, at most the size; null where the sign of <paramref name="end"/> is not known.</summary>
    private static Dimension? Past(Dimension size, Dimension end)
    {
        // Exporters write the greatest integer of a type for "to the end".
        if (end.TryGetValue(out long number) && number >= int.MaxValue)
            return size;
        if (end.IsAtLeast(0))
            return Dimension.Min(size, end);
        return end.IsAtMost(Dimension.OfInteger(-1)) ? Dimension.Max(s_zero, size + end) : null;
    }

    private static Dimension Backward(Dimension size, Dimension start, Dimension end, long step)
    {
        if (step == long.MinValue || !start.TryGetValue(out long from) || !end.TryGetValue(out long to))
            return Dimension.Unknown();
        var distance = Dimension.OfInteger(-step);
        if (size.TryGetValue(out long known))
        {
            (long first, long past) = Clamp(known, from, to, step);
            return Dimension.Max(s_zero, Dimension.CeilDiv(Dimension.OfInteger(first - past), distance));
        }

        bool isWhole = (from == -1 || from >= int.MaxValue) && to <= int.MinValue;
        return isWhole ? Dimension.CeilDiv(size, distance) : Dimension.Unknown();
    }

    private sealed record Range(Dimension? Start, Dimension? End, Dimension? Step);
}
