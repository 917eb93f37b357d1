namespace OptimizeTasks.Manifest;

/// <summary>The sizes from <paramref name="Minimum"/> to <paramref name="Maximum"/>, both included.</summary>
public readonly record struct DimensionRange(long Minimum, long Maximum)
{
    /// <summary>Whether the size lies in the range.</summary>
    public bool Contains(long size) => Minimum <= size && size <= Maximum;
}
