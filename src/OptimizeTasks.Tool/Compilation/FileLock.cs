namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// A lock among processes: a file that one of them holds open, and that is gone when it is released. The system releases
/// the lock of a process that dies.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int AppleWouldBlock = 35;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _file;
    private readonly string _path;

    private FileLock(FileStream file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>Waits until no other process has the lock, and takes it.</summary>
    /// <param name="path">The file of the lock; its folder exists.</param>
    /// <param name="waiting">Called once if there is something to wait for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be created.</exception>
    public static FileLock Acquire(string path, Action? waiting = null, CancellationToken cancellationToken = default)
    {
        for (bool first = true; ; first = false)
        {
            if (TryAcquire(path) is { } acquired)
                return acquired;
            if (first)
                waiting?.Invoke();
            cancellationToken.WaitHandle.WaitOne(s_interval);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Takes the lock if no other process has it; null if one has.</summary>
    /// <param name="path">The file of the lock; its folder exists.</param>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be created.</exception>
    public static FileLock? TryAcquire(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                // Windows removes no file that is open.
                Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
            });
        }
        catch (IOException e) when (e.HResult is WindowsSharingViolation or LinuxWouldBlock or AppleWouldBlock)
        {
            return null;
        }

        if (IsCurrent(file, path))
            return new FileLock(file, path);
        file.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // While it is held: the file that another process makes afterwards is not ours to remove.
        if (!OperatingSystem.IsWindows() && _file.CanWrite)
            File.Delete(_path);
        _file.Dispose();
    }

    /// <summary>
    /// Whether the open file is the one at the path. On Unix the holder before may have removed it after it was opened
    /// here, and another process may have made a new one.
    /// </summary>
    private static bool IsCurrent(FileStream file, string path)
    {
        if (OperatingSystem.IsWindows())
            return true;
        var mark = new DateTime(Random.Shared.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.UtcNow.Ticks), DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file.SafeFileHandle, mark);
        return File.Exists(path) && File.GetLastWriteTimeUtc(path) == File.GetLastWriteTimeUtc(file.SafeFileHandle);
    }
}
