using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Writes ONNX models. Equal models give equal bytes. Weights are copied from where they are in blocks, and computed ones
/// come in pieces; in files they are never in memory as a whole.
/// </summary>
public static class ModelWriter
{
    /// <summary>
    /// Writes a file, and a data file beside it where <see cref="WriteOptions.ExternalData"/> asks for it or 2 GB do not
    /// suffice. Each file appears complete or not at all, the data file first; they may be those that the model was read
    /// from.
    /// </summary>
    /// <exception cref="ModelFormatException">Weights cannot be read, or the model exceeds 2 GB without them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Model model, string path, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var writer = new ModelSetWriter(path + ".data", options);
        writer.Add(model, path, cancellationToken);
        writer.Commit(cancellationToken);
    }

    /// <summary>
    /// Writes a model file again that refers to its data file under another name: while both names lead to the same bytes,
    /// one model file can take the other's place.
    /// </summary>
    /// <param name="modelPath">A model whose external data is in one file.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="dataFileName">The other name of the data file, in the folder that the model will be in.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ModelFormatException">The file is no model, or its external data is not in one file.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void WriteReferring(string modelPath, string path, string dataFileName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(dataFileName);
        using Model model = ModelReader.Read(modelPath, cancellationToken);
        if (model.Files.Length > 2)
            throw new ModelFormatException($"The external data of '{modelPath}' is in several files.");
        MessageBuffer message = new MessageBuilder(new PresentPlaces(model.Files[0], dataFileName), cancellationToken).Build(model);
        using var file = new PendingFile(Path.GetFullPath(path), message.Length);
        Write(file.Stream, message.WriteTo, null, cancellationToken);
        file.Commit();
    }

    /// <summary>Writes one message, weights included.</summary>
    /// <exception cref="ModelFormatException">Weights cannot be read, or the model exceeds 2 GB.</exception>
    public static void Write(Model model, Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        MessageBuffer message = new MessageBuilder(null, cancellationToken).Build(model);
        if (message.Length > ModelSetWriter.LargestMessage)
            throw TooLarge(message);
        Write(stream, message.WriteTo, null, cancellationToken);
    }

    /// <summary>The model as one message in memory, weights included.</summary>
    /// <exception cref="ModelFormatException">Weights cannot be read, or the model exceeds 2 GB.</exception>
    public static byte[] ToBytes(Model model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        MessageBuffer message = new MessageBuilder(null, cancellationToken).Build(model);
        if (message.Length > Array.MaxLength)
            throw TooLarge(message);
        var bytes = new byte[message.Length];
        using var stream = new MemoryStream(bytes);
        Write(stream, message.WriteTo, null, cancellationToken);
        return bytes;
    }

    internal static void Write(PendingFile file, Action<BlockWriter> content, ComputedPlaces computed, CancellationToken cancellationToken) =>
        Write(file.Stream, content, (data, offset) => computed.Add(data, file.Handle, offset), cancellationToken);

    private static void Write(Stream stream, Action<BlockWriter> content, Action<ComputedData, long>? leaveOut, CancellationToken cancellationToken)
    {
        var writer = new BlockWriter(stream, leaveOut, cancellationToken);
        content(writer);
        writer.Flush();
    }

    internal static ModelFormatException TooLarge(MessageBuffer message) =>
        new($"The model takes {message.Length} bytes in one file; a protobuf file has at most {ModelSetWriter.LargestMessage}.");
}
