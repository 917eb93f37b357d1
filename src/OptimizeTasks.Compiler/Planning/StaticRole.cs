namespace OptimizeTasks.Compiler.Planning;

/// <summary>What a node does with activations of 8 bits.</summary>
internal enum StaticRole
{
    /// <summary>It has no kernel for them.</summary>
    None,

    /// <summary>It multiplies them with constant weights: for this they are quantised.</summary>
    Multiplies,

    /// <summary>It computes with them where they are quantised anyway.</summary>
    Follows,

    /// <summary>It moves them where they are quantised anyway: its result has the codes of its input.</summary>
    Moves,

    /// <summary>It cuts off: codes saturate instead, if the node before it is quantised.</summary>
    Saturates,
}
