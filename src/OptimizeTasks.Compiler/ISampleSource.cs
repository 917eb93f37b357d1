namespace OptimizeTasks.Compiler;

/// <summary>Samples that a model is calibrated and measured on. They are read one after the other and never held together.</summary>
public interface ISampleSource
{
    /// <summary>Where the samples come from, for the report: <c>digits-train.npz, 512 samples</c>.</summary>
    string Description { get; }

    /// <summary>Whether nobody gave them: they were drawn, and say little of what the model will see.</summary>
    bool IsSynthetic { get; }

    /// <summary>Reads the samples. Every reading gives the same ones in the same order.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CompilationException">A sample cannot be read, or does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    IEnumerable<Sample> Read(CancellationToken cancellationToken);
}
