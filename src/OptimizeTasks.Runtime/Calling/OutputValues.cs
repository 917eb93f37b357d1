using System.ComponentModel;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>What a run produced, on its way to the class that shows it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class OutputValues
{
    internal OutputValues(ModelContract contract, nint[] values) => (Contract, Values) = (contract, values);

    internal ModelContract Contract { get; }

    /// <summary>The outputs; 0 for one that went into a state.</summary>
    internal nint[] Values { get; }
}
