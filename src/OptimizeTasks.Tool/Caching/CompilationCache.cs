using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Caching;

/// <summary>
/// Compiled models by what they were made of, in a folder that all builds of a user share. An entry is a folder named by
/// its key; it appears whole, by renaming, and its files are copied out, never linked: what is done to a copy stays there.
/// A cache that cannot be read or written costs a message and time, never a build.
/// </summary>
/// <param name="settings">Where it is, and how much it keeps.</param>
/// <param name="report">Receives why the cache is not used.</param>
internal sealed class CompilationCache(CacheSettings settings, Action<Diagnostic> report)
{
    private const string EntryFile = "entry.json";
    private const string LockExtension = ".lock";
    private const string Unfinished = ".partial";
    private const int KeyLength = 64;
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromDays(1);

    private bool _isBroken = settings.Folder is null;

    /// <summary>
    /// Lets one process at a time compile what has this key: the others find it compiled. Null where the cache cannot be
    /// used; the caller disposes of the lock.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public FileLock? Lock(string key, Action waiting, CancellationToken cancellationToken) => Guarded(() =>
    {
        Directory.CreateDirectory(settings.Folder!);
        return FileLock.Acquire(Path.Combine(settings.Folder!, key + LockExtension), waiting, cancellationToken);
    });

    /// <summary>Copies what is kept under a key to where it is wanted; null where nothing is, or nothing whole.</summary>
    /// <param name="key">The key.</param>
    /// <param name="place">Where a file of this name goes; null where none of that name is expected.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public CacheEntry? Restore(string key, Func<string, string?> place, CancellationToken cancellationToken) => Guarded(() =>
    {
        string folder = Path.Combine(settings.Folder!, key);
        if (!Directory.Exists(folder))
            return null;
        if (Read(folder) is not { } entry || entry.Key != key || !entry.Files.All(file => place(file.Name) is { } target && Restore(folder, file, target, cancellationToken)))
        {
            Remove(folder);
            return null;
        }

        Touch(folder);
        return entry;
    });

    /// <summary>Keeps files, and makes room for them.</summary>
    /// <param name="entry">What is said of them; its list of files is filled in here.</param>
    /// <param name="files">The files, which nobody else writes meanwhile.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public void Store(CacheEntry entry, IReadOnlyList<string> files, CancellationToken cancellationToken) => Guarded(() =>
    {
        if (files.Sum(file => new FileInfo(file).Length) > settings.MaximumBytes)
            return this;
        string target = Path.Combine(settings.Folder!, entry.Key);
        string folder = Path.Combine(settings.Folder!, Path.GetRandomFileName() + Unfinished);
        try
        {
            Directory.CreateDirectory(folder);
            // Before they are copied: a copy that goes wrong is noticed when it is wanted.
            entry = entry with { Files = [.. files.Select(file => new CachedFile(Path.GetFileName(file), new FileInfo(file).Length, ContentHash.Of([file], cancellationToken)))] };
            foreach (string file in files)
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            Write(folder, entry);
            if (Directory.Exists(target))
                Remove(target);
            Directory.Move(folder, target);
        }
        finally
        {
            Remove(folder);
        }

        Evict();
        return this;
    });

    /// <summary>All entries, the one that was used last first.</summary>
    public IReadOnlyList<(CacheEntry Entry, DateTime LastUsed)> List() => Guarded(() =>
        Folders().Select(folder => (Entry: Read(folder), LastUsed: LastUsed(folder))).Where(e => e.Entry is not null).Select(e => (e.Entry!, e.LastUsed)).OrderByDescending(e => e.LastUsed).ToList()) ?? [];

    /// <summary>Removes everything.</summary>
    /// <returns>The bytes of what was removed.</returns>
    public long Clear()
    {
        long bytes = 0;
        Guarded(() =>
        {
            foreach (string folder in Folders())
            {
                long size = Size(folder);
                if (Remove(folder))
                    bytes += size;
            }

            RemoveAbandoned(TimeSpan.Zero);
            return this;
        });
        return bytes;
    }

    /// <summary>Removes what is too old, and then what was not used for longest until the rest is small enough.</summary>
    private void Evict()
    {
        long bytes = 0;
        foreach (string folder in Folders().OrderByDescending(LastUsed).ToList())
        {
            bytes += Size(folder);
            if (bytes > settings.MaximumBytes || DateTime.UtcNow - LastUsed(folder) > settings.MaximumAge)
                Remove(folder);
        }

        RemoveAbandoned(s_abandonedAfter);
    }

    /// <summary>A process that was killed leaves behind what it had begun.</summary>
    private void RemoveAbandoned(TimeSpan age)
    {
        foreach (string folder in Directory.EnumerateDirectories(settings.Folder!, "*" + Unfinished))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) >= age)
                Remove(folder);
        }

        foreach (string file in Directory.EnumerateFiles(settings.Folder!, "*" + LockExtension))
        {
            if (DateTime.UtcNow - File.GetCreationTimeUtc(file) >= s_abandonedAfter)
                File.Delete(file);
        }
    }

    /// <summary>The folders of entries; whatever else stands in the cache's folder is left alone.</summary>
    private IEnumerable<string> Folders() => Directory.Exists(settings.Folder)
        ? Directory.EnumerateDirectories(settings.Folder).Where(folder => Path.GetFileName(folder) is { Length: KeyLength } name && name.All(char.IsAsciiHexDigitLower) && File.Exists(Path.Combine(folder, EntryFile)))
        : [];

    private static bool Restore(string folder, CachedFile file, string target, CancellationToken cancellationToken)
    {
        string source = Path.Combine(folder, file.Name);
        if (new FileInfo(source) is not { Exists: true } info || info.Length != file.Length)
            return false;
        // Where the file system can, both share their blocks until one of them is written.
        File.Copy(source, target, overwrite: true);
        return ContentHash.Of([target], cancellationToken) == file.Hash;
    }

    /// <summary>The first line is the hash of the rest.</summary>
    private static void Write(string folder, CacheEntry entry)
    {
        string json = entry.ToJson();
        File.WriteAllText(Path.Combine(folder, EntryFile), $"{HashOf(json)}\n{json}");
    }

    private static CacheEntry? Read(string folder)
    {
        string path = Path.Combine(folder, EntryFile);
        if (!File.Exists(path))
            return null;
        string text = File.ReadAllText(path);
        int line = text.IndexOf('\n', StringComparison.Ordinal);
        if (line < 0 || HashOf(text[(line + 1)..]) != text[..line])
            return null;
        try
        {
            return CacheEntry.Read(text[(line + 1)..]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string HashOf(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static DateTime LastUsed(string folder) => File.GetLastWriteTimeUtc(Path.Combine(folder, EntryFile));

    private static long Size(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

    private static void Touch(string folder)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(folder, EntryFile), DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process removed it, after it was copied.
        }
    }

    /// <summary>Out of the way first: nobody finds an entry of which a part is gone.</summary>
    private static bool Remove(string folder)
    {
        try
        {
            if (!Directory.Exists(folder))
                return false;
            string doomed = folder.EndsWith(Unfinished, StringComparison.Ordinal) ? folder : $"{folder}.{Path.GetRandomFileName()}{Unfinished}";
            if (doomed != folder)
                Directory.Move(folder, doomed);
            Directory.Delete(doomed, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process uses it, or removed it; a later run tries again.
            return false;
        }
    }

    /// <summary>Does something with the cache's files; the first failure is reported, and then the cache is let alone.</summary>
    private T? Guarded<T>(Func<T?> work)
        where T : class
    {
        if (_isBroken)
            return null;
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _isBroken = true;
            report(Diagnostics.CacheUnavailable.Create($"The cache in {settings.Folder} is not used: {e.Message}"));
            return null;
        }
    }
}
