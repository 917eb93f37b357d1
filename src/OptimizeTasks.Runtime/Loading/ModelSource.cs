using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Where a session's model comes from. A file is left to ONNX Runtime, which maps the weights beside it.</summary>
internal sealed class ModelSource
{
    private readonly string? _path;
    private readonly byte[]? _bytes;

    private ModelSource(string? path, byte[]? bytes) => (_path, _bytes) = (path, bytes);

    public static ModelSource OfFile(string path) => new(path, null);

    public static ModelSource OfStream(Stream stream) => new(null, ReadAll(stream));

    public static byte[] ReadAll(Stream stream)
    {
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    public InferenceSession CreateSession(SessionOptions options) => _path is not null ? new InferenceSession(_path, options) : new InferenceSession(_bytes, options);
}
