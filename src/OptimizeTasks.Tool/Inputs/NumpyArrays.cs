using System.IO.Compression;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>The arrays of an <c>.npz</c>, or the one of an <c>.npy</c>, each opened on demand.</summary>
internal sealed class NumpyArrays : IDisposable
{
    private const string ArrayExtension = ".npy";

    private readonly FileStream _file;
    private readonly ZipArchive? _archive;
    private readonly List<string> _names;

    public NumpyArrays(string path)
    {
        _file = File.OpenRead(path);
        try
        {
            if (path.EndsWith(ArrayExtension, StringComparison.OrdinalIgnoreCase))
            {
                _names = [Path.GetFileNameWithoutExtension(path)];
                return;
            }

            _archive = new ZipArchive(_file, ZipArchiveMode.Read);
            _names = [.. _archive.Entries.Select(e => NameOf(e.FullName))];
            if (_names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new InvalidDataException($"There are two arrays of the name '{twice.Key}'");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Whether there is an array of this name.</summary>
    public bool Has(string name) => _names.Contains(name, StringComparer.Ordinal);

    /// <summary>The name of the only array besides one, or null.</summary>
    public string? Only(string? except) => _names.Where(n => n != except).ToArray() is [var only] ? only : null;

    /// <summary>The array of this name. Several may be read at the same time, by turns.</summary>
    /// <param name="name">The name.</param>
    /// <param name="purpose">What it is for, in a message that there is none.</param>
    /// <exception cref="InvalidDataException">There is none, or it is no array.</exception>
    public NpyReader Open(string name, string purpose) => Has(name)
        ? Named(name, () => new NpyReader(_archive is null ? _file : _archive.GetEntry(name + ArrayExtension)!.Open()))
        : throw new InvalidDataException($"There is no array '{name}' {purpose} ({(_names.Count == 0 ? "there is none at all" : "there are " + string.Join(", ", _names))})");

    /// <summary>A whole array.</summary>
    /// <exception cref="InvalidDataException">It is no array, or cut off.</exception>
    public Tensor Read(string name)
    {
        NpyReader array = Open(name, "");
        return Named(name, () => array.ReadNext(array.Header.Shape));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _archive?.Dispose();
        _file.Dispose();
    }

    private static string NameOf(string entry) => entry.EndsWith(ArrayExtension, StringComparison.Ordinal)
        ? entry[..^ArrayExtension.Length]
        : throw new InvalidDataException($"The archive holds '{entry}', which is no array");

    /// <summary>A fault says in which array it is.</summary>
    private static T Named<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }
    }
}
