namespace OptimizeTasks.Compiler.Quantization;

/// <summary>XᵀX of the activations X that a product takes: how strongly its inputs come together. It takes the same memory however many samples there are.</summary>
/// <param name="size">The number of inputs.</param>
internal sealed class SecondMoments(int size)
{
    /// <summary>Rows that are added at once: the triangle is read and written once for all of them.</summary>
    private const int PendingRows = 128;

    private readonly LowerTriangle _sums = new(size);
    private readonly RowPanels _pending = new(size, PendingRows);

    /// <summary>The memory in bytes that the moments of so many inputs take.</summary>
    public static long BytesOf(long size) => sizeof(float) * size * ((size / 2) + PendingRows);

    /// <summary>Adds rows.</summary>
    /// <param name="activations">The rows behind each other.</param>
    public void Add(ReadOnlySpan<float> activations)
    {
        for (; activations.Length > 0; activations = activations[size..])
        {
            _pending.Add(activations[..size]);
            if (_pending.IsFull)
                Flush();
        }
    }

    /// <summary>The sums over all rows; nothing is to be added afterwards.</summary>
    public LowerTriangle Finish()
    {
        Flush();
        return _sums;
    }

    private void Flush()
    {
        _sums.AddProducts(_pending, 1, size);
        _pending.Clear();
    }
}
