using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Samples;

/// <summary>The files with samples that the user names.</summary>
internal sealed class SampleFiles : IDisposable
{
    private readonly string? _sampleClass;
    private FileSamples? _samples;

    private SampleFiles(IReadOnlyList<string> paths, string? sampleClass)
    {
        Paths = paths;
        _sampleClass = sampleClass;
    }

    /// <summary>The files, absolute, in the order of their samples.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The files of a list of files, folders and patterns; null where the list is empty.</summary>
    /// <param name="entries">The list.</param>
    /// <param name="sampleClass">The assembly that the source files among them were compiled to, or null.</param>
    /// <exception cref="CompilationException">An entry names nothing, or cannot be listed.</exception>
    public static SampleFiles? Find(IReadOnlyList<string> entries, string? sampleClass = null)
    {
        var paths = new List<string>();
        foreach (string entry in entries)
        {
            int before = paths.Count;
            try
            {
                paths.AddRange(SamplePaths.Find(entry).Select(Path.GetFullPath));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, entry), e);
            }

            if (paths.Count == before)
                throw new CompilationException(Diagnostics.NoSamples.Create(Directory.Exists(entry) ? "There are no samples in this folder" : "There is no such file", entry));
        }

        return paths.Count == 0 ? null : new SampleFiles([.. paths.Distinct(StringComparer.Ordinal)], sampleClass);
    }

    /// <summary>The <see cref="ContentHash"/> of all files; what a class gives is known once the samples are open.</summary>
    /// <exception cref="CompilationException">A file cannot be read.</exception>
    public string Hash(CancellationToken cancellationToken)
    {
        try
        {
            return _samples?.Hash(cancellationToken) ?? ContentHash.Of(Paths, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message), e);
        }
    }

    /// <summary>The samples, for a model of this signature.</summary>
    /// <inheritdoc cref="FileSamples.Open"/>
    public ISampleSource Open(Signature signature, string? label, string? model, CancellationToken cancellationToken) =>
        _samples = FileSamples.Open(Paths, _sampleClass, signature, label, model, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _samples?.Dispose();
}
