using System.IO.Compression;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>Reads the tensors of a NumPy file: <c>.npz</c> (a zip archive of arrays) or <c>.npy</c> (one array).</summary>
internal static class NpzReader
{
    private const string ArrayExtension = ".npy";

    /// <summary>The arrays by name; the name of a <c>.npy</c> file is its array's.</summary>
    /// <exception cref="CompilationException">The file cannot be read, or is damaged.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return path.EndsWith(ArrayExtension, StringComparison.OrdinalIgnoreCase)
                ? new Dictionary<string, Tensor> { [Path.GetFileNameWithoutExtension(path)] = NpyReader.Read(file) }
                : ReadArchive(file);
        }
        catch (InvalidDataException e)
        {
            throw new CompilationException(Diagnostics.InvalidInputs.Create(e.Message, path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, path), e);
        }
    }

    private static Dictionary<string, Tensor> ReadArchive(Stream file)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!entry.FullName.EndsWith(ArrayExtension, StringComparison.Ordinal))
                throw new InvalidDataException($"The archive holds '{entry.FullName}', which is no array");
            string name = entry.FullName[..^ArrayExtension.Length];
            using Stream stream = entry.Open();
            try
            {
                if (!tensors.TryAdd(name, NpyReader.Read(stream)))
                    throw new InvalidDataException("There are two arrays of this name");
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{name}: {e.Message}", e);
            }
        }

        return tensors;
    }
}
