namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>What an axis of a value inside a mask's computation runs over.</summary>
internal enum MaskAxis
{
    /// <summary>Nothing that matters: batch, heads, or a single element.</summary>
    Other,

    /// <summary>The queries.</summary>
    Query,

    /// <summary>The keys.</summary>
    Key,
}
