using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Samples;

/// <summary>Samples in files that the user gave.</summary>
internal sealed class FileSamples : ISampleSource
{
    private readonly SampleFile[] _files;

    private FileSamples(SampleFile[] files, string description)
    {
        _files = files;
        Description = description;
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool IsSynthetic => false;

    /// <summary>Opens files: what can be checked without reading everything is.</summary>
    /// <param name="paths">The files, in the order of their samples.</param>
    /// <param name="signature">What the samples are for.</param>
    /// <param name="label">The name of the labels, or null where there are none.</param>
    /// <param name="model">What a diagnostic about the model names.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">A file cannot be read, is damaged, or does not fit the model.</exception>
    public static FileSamples Open(IReadOnlyList<string> paths, Signature signature, string? label, string? model, CancellationToken cancellationToken)
    {
        IReadOnlyList<SampleInput> inputs = SampleInput.Of(signature, model);
        SampleFile[] files = [.. paths.Select(path => SampleFile.Of(path, inputs, label))];
        long count = files.Sum(file => file.Count(cancellationToken));
        string name = paths is [var only] ? Path.GetFileName(only) : $"{paths.Count} files";
        return new FileSamples(files, $"{name}, {count} {(count == 1 ? "sample" : "samples")}");
    }

    /// <inheritdoc/>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken) => _files.SelectMany(file => file.Read(cancellationToken));
}
