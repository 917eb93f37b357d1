namespace OptimizeTasks.Compiler.Calibration;

/// <summary>Parts of a list that memory holds for, in its order.</summary>
internal static class Portions
{
    /// <summary>Neighbours whose sizes do not exceed a budget together; what exceeds it by itself is alone.</summary>
    /// <param name="all">The list.</param>
    /// <param name="sizeOf">The size of one.</param>
    /// <param name="budget">The budget.</param>
    public static IEnumerable<T[]> Of<T>(IEnumerable<T> all, Func<T, long> sizeOf, long budget)
    {
        var portion = new List<T>();
        long taken = 0;
        foreach (T one in all)
        {
            long size = sizeOf(one);
            if (portion.Count > 0 && size > budget - taken)
            {
                yield return [.. portion];
                portion.Clear();
                taken = 0;
            }

            portion.Add(one);
            taken += Math.Min(size, budget);
        }

        if (portion.Count > 0)
            yield return [.. portion];
    }
}
