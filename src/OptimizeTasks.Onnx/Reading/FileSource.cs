using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>
/// A file with one shared handle for all threads. <see cref="Close"/> lets go of the file; whoever reads afterwards opens
/// it again, and gets an exception if it is another file by then.
/// </summary>
internal sealed class FileSource : ByteSource
{
    private readonly object _lock = new();
    private readonly ModelFault _fault;
    private readonly DateTime _written;
    private SafeFileHandle? _handle;

    /// <param name="path">The file.</param>
    /// <param name="fault">What to call it when the file cannot be read.</param>
    public FileSource(string path, ModelFault fault)
    {
        FilePath = Path.GetFullPath(path);
        _fault = fault;
        // Opening a pipe would wait for somebody to write. It has no length.
        if (Behind(new FileInfo(FilePath)) is FileInfo { Exists: true, Length: 0 })
            return;
        _handle = Open();
        Length = RandomAccess.GetLength(_handle);
        _written = File.GetLastWriteTimeUtc(_handle);
    }

    public string FilePath { get; }

    public override long Length { get; }

    public override TensorData Range(long offset, long length) => new FileRange(this, offset, length);

    public override void Read(long offset, Span<byte> destination)
    {
        try
        {
            SafeFileHandle handle = Handle();
            while (!destination.IsEmpty)
            {
                int count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                    throw new ModelFormatException(_fault, $"'{FilePath}' became shorter while it was read.");
                destination = destination[count..];
                offset += count;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(_fault, $"'{FilePath}' cannot be read: {e.Message}", e);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _handle?.Dispose();
            _handle = null;
        }
    }

    private static FileSystemInfo Behind(FileInfo file) => file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file;

    private SafeFileHandle Handle()
    {
        lock (_lock)
        {
            if (_handle is not null)
                return _handle;
            SafeFileHandle handle = Open();
            if (RandomAccess.GetLength(handle) != Length || File.GetLastWriteTimeUtc(handle) != _written)
            {
                handle.Dispose();
                throw new ModelFormatException(_fault, $"'{FilePath}' changed after the model was read.");
            }

            return _handle = handle;
        }
    }

    private SafeFileHandle Open() => File.OpenHandle(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
}

/// <summary>A range of a file: weights inside a model file or in an external one.</summary>
internal sealed class FileRange(FileSource file, long offset, long length) : TensorData
{
    public FileSource File => file;

    public long Offset => offset;

    public override long Length => length;

    public override void Read(long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, length - start);
        file.Read(offset + start, destination);
    }

    /// <summary>Whether both are the same bytes of one file.</summary>
    public override bool Equals(object? obj) => obj is FileRange other && other.File == File && other.Offset == Offset && other.Length == Length;

    public override int GetHashCode() => HashCode.Combine(File, Offset, Length);
}
