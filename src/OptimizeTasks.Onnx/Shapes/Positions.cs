namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Positions in small row-major tensors.</summary>
internal static class Positions
{
    /// <summary>All positions of a tensor of these sizes, in row-major order. The array is used again for the next one.</summary>
    public static IEnumerable<long[]> Of(long[] sizes)
    {
        if (sizes.Contains(0))
            yield break;
        var position = new long[sizes.Length];
        while (true)
        {
            yield return position;
            int axis = sizes.Length - 1;
            while (axis >= 0 && ++position[axis] == sizes[axis])
                position[axis--] = 0;
            if (axis < 0)
                yield break;
        }
    }

    /// <summary>The place of a position among the elements; −1 where there is none. Axes that the tensor lacks, or has once, are broadcast.</summary>
    public static int IndexOf(ReadOnlySpan<long> position, long[] sizes)
    {
        long index = 0;
        int skipped = position.Length - sizes.Length;
        for (int i = 0; i < sizes.Length; i++)
        {
            long place = sizes[i] == 1 ? 0 : skipped + i < 0 ? -1 : position[skipped + i];
            if (place < 0 || place >= sizes[i])
                return -1;
            index = (index * sizes[i]) + place;
        }

        return (int)index;
    }
}
