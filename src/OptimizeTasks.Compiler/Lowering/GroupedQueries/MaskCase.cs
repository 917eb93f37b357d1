namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>What can be said of a query and a key: whether the key stands behind the query, and whether it is padding.</summary>
[Flags]
internal enum MaskCase
{
    /// <summary>The query may look at the key.</summary>
    Allowed = 0,

    /// <summary>The key stands behind the query.</summary>
    Future = 1,

    /// <summary>The key is padding.</summary>
    Padded = 2,

    /// <summary>Both.</summary>
    FuturePadded = Future | Padded,
}
