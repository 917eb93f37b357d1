using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>A file that comes to its place complete, or not at all.</summary>
internal sealed class PendingFile : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _isCommitted;

    public PendingFile(string target, long length)
    {
        _target = target;
        _temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetRandomFileName()}.tmp");
        _stream = new FileStream(_temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            // Known in advance, it spares the file system growing the file block by block.
            PreallocationSize = length,
        });
    }

    public Stream Stream => _stream;

    public SafeFileHandle Handle => _stream.SafeFileHandle;

    public void Commit()
    {
        _stream.Dispose();
        File.Move(_temporary, _target, overwrite: true);
        _isCommitted = true;
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_isCommitted)
            File.Delete(_temporary);
    }
}
