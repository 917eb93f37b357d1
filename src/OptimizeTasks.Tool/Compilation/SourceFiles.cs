using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>The files that a model was read from: its own, and those of its external data.</summary>
internal sealed class SourceFiles
{
    private readonly IReadOnlyList<string> _paths;

    /// <summary>The files of a model.</summary>
    public SourceFiles(Model model)
    {
        _paths = model.FilePaths;
        Bytes = Guarded(() => _paths.Sum(path => new FileInfo(path).Length));
    }

    /// <summary>Bytes of all files.</summary>
    public long Bytes { get; }

    /// <summary>The files with external data.</summary>
    public IEnumerable<string> DataFiles => _paths.Skip(1);

    /// <summary>The <see cref="ContentHash"/> of all files.</summary>
    public string Hash(CancellationToken cancellationToken) => Guarded(() => ContentHash.Of(_paths, cancellationToken));

    /// <summary>The <see cref="Checksum"/> of all files, beside other work.</summary>
    public Task<string> ChecksumAsync(CancellationToken cancellationToken) =>
        Task.Run(() => Guarded(() => Checksum.Of(_paths, cancellationToken)), cancellationToken);

    /// <summary>Files may vanish while they are worked with.</summary>
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, _paths[0]), e);
        }
    }
}
