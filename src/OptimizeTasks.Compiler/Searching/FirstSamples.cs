namespace OptimizeTasks.Compiler.Searching;

/// <summary>The first samples of many.</summary>
internal sealed class FirstSamples(ISampleSource samples, int count) : ISampleSource
{
    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"the first {count} of {samples.Description}");

    /// <inheritdoc/>
    public bool IsSynthetic => samples.IsSynthetic;

    /// <inheritdoc/>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken) => samples.Read(cancellationToken).Take(count);
}
