namespace OptimizeTasks.Compiler;

/// <summary>Why a model did not run.</summary>
public enum ModelRunFault
{
    /// <summary>The engine does not load the model.</summary>
    Load,

    /// <summary>The engine ran the model and reported an error, or does not take the inputs.</summary>
    Run,

    /// <summary>The time limit passed.</summary>
    TimeLimit,

    /// <summary>The outputs are larger than the byte limit.</summary>
    ByteLimit,

    /// <summary>The process that ran the model ended, or could not be started.</summary>
    Crash,
}
