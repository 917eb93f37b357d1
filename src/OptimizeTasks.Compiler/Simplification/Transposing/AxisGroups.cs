using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Neighbouring axes that a reshape makes of neighbouring axes: their sizes have the same product.</summary>
/// <param name="From">The axes before; at least one.</param>
/// <param name="To">The axes after.</param>
internal sealed record AxisGroup(Range From, Range To);

/// <summary>Which axes a reshape splits and joins.</summary>
internal static class AxisGroups
{
    /// <summary>The smallest groups, in order; null where they cannot be told, as with sizes of 0.</summary>
    public static IReadOnlyList<AxisGroup>? Of(Shape from, Shape to)
    {
        Dimension one = Dimension.Of(1L);
        Dimension zero = Dimension.Of(0L);
        var groups = new List<AxisGroup>();
        int i = 0, j = 0;
        while (i < from.Rank && j < to.Rank)
        {
            int firstFrom = i, firstTo = j;
            Dimension left = from[i++];
            Dimension right = to[j++];
            while (!left.Equals(right))
            {
                if (left.Equals(zero) || right.Equals(zero))
                    return null;
                if (i < from.Rank && Dimension.TryDivide(right, left, out _))
                    left *= from[i++];
                else if (j < to.Rank && Dimension.TryDivide(left, right, out _))
                    right *= to[j++];
                else
                    return null;
            }

            groups.Add(new AxisGroup(firstFrom..i, firstTo..j));
        }

        // What remains are axes of size 1, which go with the last group.
        if (groups.Count == 0 || from.Skip(i).Any(d => !d.Equals(one)) || to.Skip(j).Any(d => !d.Equals(one)))
            return null;
        groups[^1] = new AxisGroup(groups[^1].From.Start..from.Rank, groups[^1].To.Start..to.Rank);
        return groups;
    }
}
