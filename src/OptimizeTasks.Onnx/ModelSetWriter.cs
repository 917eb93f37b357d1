using OptimizeTasks.Onnx.Reading;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Writes models that share one file of weights: the same bytes of a file, and equal computations, are stored once. One
/// model at a time has to be in memory. Nothing appears before <see cref="Commit"/>.
/// </summary>
public sealed class ModelSetWriter : IDisposable
{
    /// <summary>The largest message that protobuf allows.</summary>
    internal const long LargestMessage = int.MaxValue;

    private readonly string _dataPath;
    private readonly ExternalLayout _layout;
    private readonly ComputedPlaces _computed = new();
    private readonly List<Entry> _entries = [];
    private bool _isExternal;

    /// <summary>A writer that has written nothing yet.</summary>
    /// <param name="dataPath">The file that receives the weights, in the folder of the models.</param>
    /// <param name="options">Whether there is such a file. There is in any case where 2 GB do not suffice for a model.</param>
    public ModelSetWriter(string dataPath, WriteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataPath);
        options ??= new WriteOptions();
        _dataPath = Path.GetFullPath(dataPath);
        _layout = new ExternalLayout(Path.GetFileName(_dataPath), options.ExternalDataThreshold);
        _isExternal = options.ExternalData;
    }

    /// <summary>Adds a model, which is not needed afterwards but for the files that it was read from.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file that receives it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The path, or that of an equal model that was added before.</returns>
    /// <exception cref="ModelFormatException">Weights cannot be read, or the model exceeds 2 GB without them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string Add(Model model, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        MessageBuffer message = Build(model, cancellationToken);
        if (_entries.Find(e => e.Message.IsSame(message)) is { } equal)
            return equal.Path;
        var file = new PendingFile(path, message.Length);
        _entries.Add(new Entry(path, message, file, model.Files));
        ModelWriter.Write(file, message.WriteTo, _computed, cancellationToken);
        return path;
    }

    /// <summary>Writes the weights, and puts all files into their places, that of the weights first.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ModelFormatException">Weights cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Commit(CancellationToken cancellationToken = default)
    {
        using PendingFile? data = _layout.Length == 0 ? null : new PendingFile(_dataPath, _layout.Length);
        if (data is not null)
            ModelWriter.Write(data, _layout.WriteTo, _computed, cancellationToken);
        _computed.Fill(cancellationToken);

        // Windows replaces no file that is open.
        if (OperatingSystem.IsWindows())
            CloseSources();
        data?.Commit();
        foreach (Entry entry in _entries)
            entry.File.Commit();
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        foreach (Entry entry in _entries)
            entry.File.Dispose();
    }

    /// <summary>The message with as many weights outside as it has to.</summary>
    private MessageBuffer Build(Model model, CancellationToken cancellationToken)
    {
        while (true)
        {
            int earlier = _layout.Count;
            MessageBuffer message = new MessageBuilder(_isExternal ? _layout : null, cancellationToken).Build(model);
            if (message.Length <= LargestMessage)
                return message;
            _layout.Truncate(earlier);
            if (!_isExternal)
                _isExternal = true;
            else if (!_layout.TakesAttributes)
                _layout.TakesAttributes = true;
            else
                throw ModelWriter.TooLarge(message);
        }
    }

    /// <summary>The files of the models count too: tensors may have been computed from them.</summary>
    private void CloseSources()
    {
        string[] targets = [_dataPath, .. _entries.Select(e => e.Path)];
        IEnumerable<TensorData> tensors = _entries.SelectMany(e => e.Message.Tensors).Concat(_layout.Tensors);
        foreach (FileSource file in tensors.OfType<FileRange>().Select(range => range.File).Union(_entries.SelectMany(e => e.Sources)))
        {
            if (targets.Contains(file.FilePath, StringComparer.OrdinalIgnoreCase))
                file.Close();
        }
    }

    private sealed record Entry(string Path, MessageBuffer Message, PendingFile File, IReadOnlyList<FileSource> Sources);
}
