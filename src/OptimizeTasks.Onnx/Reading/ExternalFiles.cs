using System.Globalization;
using Google.Protobuf.Collections;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>The files beside a model that hold weights. None outside the model's folder is touched.</summary>
internal sealed class ExternalFiles(string? modelPath)
{
    private const int MostLinks = 40;

    private readonly Dictionary<string, FileSource> _files = new(StringComparer.Ordinal);
    private string[]? _folders;

    public IEnumerable<FileSource> Opened => _files.Values;

    /// <summary>The elements of a tensor of <paramref name="length"/> bytes that its <c>external_data</c> names.</summary>
    public TensorData Find(string tensor, RepeatedField<StringStringEntryProto> entries, long length)
    {
        string? location = null;
        long offset = 0;
        foreach (StringStringEntryProto entry in entries)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(tensor, entry);
                    break;
                case "length" when Number(tensor, entry) != length:
                    throw new ModelFormatException($"The tensor '{tensor}' has {length} bytes, its external data {entry.Value}.");
                default:
                    break;
            }
        }

        if (string.IsNullOrEmpty(location))
            throw new ModelFormatException($"The tensor '{tensor}' has external data without location.");
        FileSource file = Open(tensor, location);
        if (offset > file.Length - length)
            throw new ModelFormatException(ModelFault.ExternalDataMissing, $"The file '{location}' has {file.Length} bytes, the tensor '{tensor}' needs {length} from byte {offset} on.");
        return file.Range(offset, length);
    }

    private FileSource Open(string tensor, string location)
    {
        if (_files.TryGetValue(location, out FileSource? file))
            return file;
        if (modelPath is null)
            throw new ModelFormatException(ModelFault.ExternalDataMissing, $"The tensor '{tensor}' is in the file '{location}', and the model was not read from a file.");
        try
        {
            string path = Resolve(location);
            file = new FileSource(path, ModelFault.ExternalDataMissing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ModelFormatException(ModelFault.ExternalDataMissing, $"The file '{location}' with the tensor '{tensor}' cannot be opened: {e.Message}", e);
        }

        _files.Add(location, file);
        return file;
    }

    /// <summary>
    /// The file behind all links. It must be in the model's folder, or in the folder that the model is a link into (caches
    /// of downloads keep the files themselves apart).
    /// </summary>
    private string Resolve(string location)
    {
        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal) || parts.Contains("..") || location.Contains('\0', StringComparison.Ordinal))
            throw Outside(location);

        string model = Path.GetFullPath(modelPath!);
        _folders ??= [RealPath(Path.GetDirectoryName(model)!), Path.GetDirectoryName(RealPath(model))!];
        string path = RealPath(Path.Combine(Path.GetDirectoryName(model)!, Path.Combine(parts)));
        return _folders.Any(folder => path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            ? path
            : throw Outside(location);
    }

    private static string RealPath(string path)
    {
        string root = Path.GetPathRoot(path)!;
        var parts = new Stack<string>(Backwards(path));
        string real = root;
        for (int links = 0; parts.TryPop(out string? part);)
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }

            string next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
                throw new IOException($"'{path}' goes through too many links.");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (string segment in Backwards(target))
                parts.Push(segment);
        }

        return real;
    }

    private static IEnumerable<string> Backwards(string path) =>
        Enumerable.Reverse(path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries));

    private static long Number(string tensor, StringStringEntryProto entry) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new ModelFormatException($"The tensor '{tensor}' has external data with the {entry.Key} '{entry.Value}'.");

    private static ModelFormatException Outside(string location) =>
        new(ModelFault.ExternalDataOutside, $"The external data '{location}' lies outside the model's folder.");
}
