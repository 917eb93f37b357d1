using System.Security.Cryptography;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>The files that a model was read from: its own, and those of its external data.</summary>
internal sealed class SourceFiles
{
    private const int BlockSize = 1 << 20;

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

    /// <summary>A hash of what all files contain: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public Task<string> HashAsync(CancellationToken cancellationToken) => Task.Run(() => Guarded(() => Hash(cancellationToken)), cancellationToken);

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

    private string Hash(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        foreach (string path in _paths)
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            for (int count; (count = file.Read(block)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(block, 0, count);
            }
        }

        return "sha256:" + Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }
}
