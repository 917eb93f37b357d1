using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// A folder beside an output, in which files are made until they are whole. Disposing removes what was not published.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
    private const string Suffix = ".partial";
    private const string LockSuffix = Suffix + ".lock";

    private readonly string _destination;
    private readonly string _path;
    private readonly bool _isNew;
    private FileLock? _lock;

    /// <summary>A staging folder for files of <paramref name="destination"/>, which is created where it does not exist.</summary>
    /// <exception cref="CompilationException">The destination cannot be written.</exception>
    public StagingFolder(string destination)
    {
        _destination = destination;
        _isNew = !Directory.Exists(destination);
        // On the same file system as the destination, so that publishing is renaming.
        _path = Path.Combine(destination, $".{Path.GetRandomFileName()}{Suffix}");
        Writing.Guarded(destination, () =>
        {
            Directory.CreateDirectory(destination);
            // Before the folder: one without an owner is abandoned.
            _lock = FileLock.Acquire(LockOf(_path));
            try
            {
                Directory.CreateDirectory(_path);
                RemoveAbandoned();
            }
            catch
            {
                Dispose();
                throw;
            }
        });
    }

    /// <summary>The path at which a file of this name is to be made.</summary>
    public string PathOf(string name) => Path.Combine(_path, name);

    /// <summary>The path that a file of this name has when it is published.</summary>
    public string DestinationOf(string name) => Path.Combine(_destination, name);

    /// <summary>
    /// Puts files into their places, step by step. One process at a time does so in one folder: files of two results never
    /// stand together.
    /// </summary>
    public void Publish(IEnumerable<Action> steps, CancellationToken cancellationToken)
    {
        FileLock? publishing = null;
        Writing.Guarded(_destination, () => publishing = FileLock.Acquire(DestinationOf(".publishing.lock"), cancellationToken: cancellationToken));
        using FileLock? held = publishing;
        foreach (Action step in steps)
            step();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Remove(_path);
        Tolerated(() => _lock?.Dispose());
        if (_isNew && !Directory.EnumerateFileSystemEntries(_destination).Any())
            Remove(_destination);
    }

    private static string LockOf(string folder) => folder + ".lock";

    /// <summary>A process that was killed leaves its folder behind; its lock went with it.</summary>
    private void RemoveAbandoned()
    {
        IEnumerable<string> folders = Directory.EnumerateDirectories(_destination, ".*" + Suffix)
            .Concat(Directory.EnumerateFiles(_destination, ".*" + LockSuffix).Select(file => file[..^".lock".Length]));
        foreach (string folder in folders.Distinct().Where(f => f != _path).ToArray())
        {
            Tolerated(() =>
            {
                using FileLock? abandoned = FileLock.TryAcquire(LockOf(folder));
                if (abandoned is not null)
                    Remove(folder);
            });
        }
    }

    private static void Remove(string folder) => Tolerated(() =>
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    });

    private static void Tolerated(Action tidying)
    {
        try
        {
            tidying();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way; a later run removes it.
        }
    }
}
