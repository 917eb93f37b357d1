namespace OptimizeTasks.Compiler.Quantization;

/// <summary>Some rows of a matrix, a panel of columns behind the other: what is multiplied together stands close together.</summary>
/// <param name="columns">The length of a row.</param>
/// <param name="capacity">The most rows.</param>
internal sealed class RowPanels(int columns, int capacity)
{
    private readonly float[] _elements = new float[(long)LowerTriangle.Stride(columns - 1) * capacity];

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no further row fits in.</summary>
    public bool IsFull => Count == capacity;

    /// <summary>Adds a row; what it is shorter by than others does not matter.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        for (int panel = 0; row.Length > 0; panel++)
        {
            int length = Math.Min(LowerTriangle.Panel, row.Length);
            row[..length].CopyTo(_elements.AsSpan(((panel * capacity) + Count) * LowerTriangle.Panel));
            row = row[length..];
        }

        Count++;
    }

    /// <summary>Removes all rows.</summary>
    public void Clear() => Count = 0;

    /// <summary>One panel of all rows.</summary>
    public ReadOnlySpan<float> Of(int panel) => _elements.AsSpan(panel * capacity * LowerTriangle.Panel, Count * LowerTriangle.Panel);
}
