using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Tool.Samples;

/// <summary>A file for this process alone. It is gone when it is disposed of, or the process ends, however it ends.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly FileStream _file;

    public TemporaryFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"OptimizeTasks-samples-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, options);
        // Elsewhere an open file needs no name.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
    }

    /// <summary>The file, for as long as this object is not disposed of; who disposes of the handle does not close the file.</summary>
    public SafeFileHandle Handle() => new(_file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false);

    /// <summary>A stream with a position of its own, from the beginning.</summary>
    public Stream Open() => new FileStream(Handle(), FileAccess.ReadWrite) { Position = 0 };

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
