using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Reading;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Reads ONNX models. Weights are not read: tensors refer to their bytes in the file, which stays open until the
/// <see cref="Model"/> is disposed of.
/// </summary>
public static class ModelReader
{
    /// <summary>Reads the model in this file. Weights may be in other files in the same folder or below it.</summary>
    /// <exception cref="ModelFormatException">The file is no model, or a damaged one; or its external data is missing.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Model Read(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileSource(path, ModelFault.Truncated);
        var external = new ExternalFiles(path);
        try
        {
            Model model = Read(file, external, cancellationToken);
            model.Files = [file, .. external.Opened];
            return model;
        }
        catch
        {
            file.Close();
            foreach (FileSource opened in external.Opened)
                opened.Close();
            throw;
        }
    }

    /// <summary>Reads a model that is in memory. Its tensors refer to that memory; external data is an error.</summary>
    /// <exception cref="ModelFormatException">The bytes are no model, or a damaged one.</exception>
    public static Model Read(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        Read(new MemorySource(bytes), new ExternalFiles(null), cancellationToken);

    private static Model Read(ByteSource source, ExternalFiles external, CancellationToken cancellationToken)
    {
        var walker = new MessageWalker(new WireReader(source), cancellationToken);
        return ModelBuilder.Build(Parse(walker), walker, new TensorDecoder(source, walker.Weights, external), cancellationToken);
    }

    private static ModelProto Parse(MessageWalker walker)
    {
        try
        {
            return walker.ReadModel();
        }
        catch (Exception e) when (MessageWalker.IsParseFailure(e))
        {
            throw MessageWalker.Invalid(e);
        }
    }
}
