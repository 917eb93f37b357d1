using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Samples;

/// <summary>Samples in files that the user gave.</summary>
internal sealed class FileSamples : ISampleSource, IDisposable
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
    /// <param name="sampleClass">The assembly that the source files among them were compiled to, or null.</param>
    /// <param name="signature">What the samples are for.</param>
    /// <param name="label">The name of the labels, or null where there are none.</param>
    /// <param name="model">What a diagnostic about the model names.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">A file cannot be read, is damaged, or does not fit the model.</exception>
    public static FileSamples Open(IReadOnlyList<string> paths, string? sampleClass, Signature signature, string? label, string? model, CancellationToken cancellationToken)
    {
        IReadOnlyList<SampleInput> inputs = SampleInput.Of(signature, model);
        // Of several source files the first stands for the class.
        string[] sources = [.. paths.Where((path, i) => !SamplePaths.IsSource(path) || !paths.Take(i).Any(SamplePaths.IsSource))];
        SampleFile[] files = [.. sources.Select(path => SampleFile.Of(path, sampleClass, inputs, label))];
        try
        {
            long count = files.Sum(file => file.Count(cancellationToken));
            string name = sources is [var only] ? Path.GetFileName(only) : $"{sources.Length} files";
            string first = files.Any(file => file.IsCut) ? "the first " : "";
            return new FileSamples(files, $"{name}, {first}{count} {(count == 1 ? "sample" : "samples")}");
        }
        catch
        {
            Dispose(files);
            throw;
        }
    }

    /// <summary>The <see cref="ContentHash"/> of the samples.</summary>
    public string Hash(CancellationToken cancellationToken) => ContentHash.Of(_files.Select(file => file.OpenContent()), cancellationToken);

    /// <inheritdoc/>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken) => _files.SelectMany(file => file.Read(cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => Dispose(_files);

    private static void Dispose(SampleFile[] files)
    {
        foreach (SampleFile file in files)
            file.Dispose();
    }
}
