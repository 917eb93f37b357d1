namespace OptimizeTasks.Onnx.Writing;

/// <summary>What goes into the data file beside a model, and where.</summary>
/// <param name="location">The file's name, as the model gives it.</param>
/// <param name="threshold">The length in bytes from which on a tensor goes there.</param>
internal sealed class ExternalLayout(string location, long threshold) : IExternalPlaces
{
    /// <summary>Large tensors begin where every platform can map memory.</summary>
    private const int MapAlignment = 64 << 10;

    private const int LargeTensor = 1 << 20;

    /// <summary>What any element type and any vector instruction is content with.</summary>
    private const int SmallAlignment = 64;

    private readonly List<(long Offset, TensorData Data)> _entries = [];
    private readonly Dictionary<TensorData, long> _offsets = [];

    public string Location => location;

    /// <summary>Whether tensors in attributes go there too; not every reader expects them there.</summary>
    public bool TakesAttributes { get; set; }

    /// <summary>The number of tensors.</summary>
    public int Count => _entries.Count;

    /// <summary>The length of the file.</summary>
    public long Length { get; private set; }

    public IEnumerable<TensorData> Tensors => _entries.Select(e => e.Data);

    public bool Takes(Tensor tensor, bool isAttribute) =>
        tensor.Data is not StringData && tensor.ByteLength >= threshold && tensor.ByteLength > 0 && (TakesAttributes || !isAttribute);

    /// <summary>The place of the bytes; the same bytes of a file, and equal computations, are stored once.</summary>
    public long Add(TensorData data)
    {
        if (_offsets.TryGetValue(data, out long known))
            return known;
        long alignment = data.Length >= LargeTensor ? MapAlignment : SmallAlignment;
        long offset = (Length + alignment - 1) / alignment * alignment;
        _offsets.Add(data, offset);
        _entries.Add((offset, data));
        Length = offset + data.Length;
        return offset;
    }

    /// <summary>Takes back what was added behind the first so many tensors.</summary>
    public void Truncate(int count)
    {
        foreach ((_, TensorData data) in _entries.Skip(count))
            _offsets.Remove(data);
        _entries.RemoveRange(count, _entries.Count - count);
        Length = count == 0 ? 0 : _entries[^1].Offset + _entries[^1].Data.Length;
    }

    public void WriteTo(BlockWriter writer)
    {
        foreach ((long offset, TensorData data) in _entries)
        {
            writer.PadTo(offset);
            writer.Write(data);
        }
    }
}
