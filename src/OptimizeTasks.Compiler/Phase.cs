namespace OptimizeTasks.Compiler;

/// <summary>The phases of a compilation, in their order.</summary>
public enum Phase
{
    /// <summary>One way to write everything: functions inlined, one operator set, fixed dimensions.</summary>
    Import,

    /// <summary>Less of everything, with the same operators.</summary>
    Simplify,

    /// <summary>What exporters spelled out gets its standard operator.</summary>
    Raise,

    /// <summary>Arithmetic goes into the weights beside it.</summary>
    Fold,

    /// <summary>Which node runs in which format.</summary>
    Plan,

    /// <summary>The kernels of the target.</summary>
    Lower,

    /// <summary>What is written.</summary>
    Export,
}
