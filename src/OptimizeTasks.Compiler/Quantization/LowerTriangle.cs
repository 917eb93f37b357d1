using System.Numerics;
using System.Runtime.InteropServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// The lower triangle of a square matrix in single precision, row by row. Rows are filled up to whole panels of columns, so
/// that all rows of a panel are equally long; what stands right of the diagonal means nothing. Every element is a sum of
/// products in a fixed order: the same on every processor, and for every number of cores.
/// </summary>
/// <param name="size">The number of rows.</param>
internal sealed class LowerTriangle(int size)
{
    /// <summary>Two vectors: as many sums stay in registers as a processor has units for.</summary>
    public static readonly int Panel = 2 * Vector<float>.Count;

    /// <summary>Rows that are factored together: few enough for them to stay in the cache.</summary>
    private const int FactoredRows = 64;

    private readonly float[] _elements = new float[Start(size)];

    /// <summary>The number of rows.</summary>
    public int Size => size;

    /// <summary>All rows.</summary>
    public Span<float> Elements => _elements;

    /// <summary>Where a row begins.</summary>
    public static long Start(int row)
    {
        long panel = row / Panel;
        return ((panel * (panel + 1) / 2 * Panel) + (row % Panel * (panel + 1))) * Panel;
    }

    /// <summary>The length of a row, filled up.</summary>
    public static int Stride(int row) => ((row / Panel) + 1) * Panel;

    /// <summary>A row up to the diagonal.</summary>
    public Span<float> Row(int row) => _elements.AsSpan((int)Start(row), row + 1);

    /// <summary>Adds XᵀX, or takes it away.</summary>
    /// <param name="rows">The rows of X.</param>
    /// <param name="sign">1 or −1.</param>
    /// <param name="leading">How many rows of the triangle, whole panels unless it is all of them, are changed.</param>
    public void AddProducts(RowPanels rows, float sign, int leading)
    {
        int panels = rows.Count == 0 ? 0 : (leading + Panel - 1) / Panel;
        // The longest rows first, so that no core waits long for the last one.
        Parallel.For(0, panels, i => AddToPanel(rows, sign, panels - 1 - i));
    }

    /// <summary>Replaces a symmetric matrix by the lower triangle L for which it is LᵀL, from the last row to the first.</summary>
    /// <returns>Whether there is one: the matrix is positive definite. If not, it is destroyed.</returns>
    public bool TryFactor()
    {
        int block = Math.Max(FactoredRows, Panel);
        var finished = new RowPanels(size, block);
        for (int start = (size - 1) / block * block; start >= 0; start -= block)
        {
            if (!TryFactor(start, Math.Min(start + block, size)))
                return false;
            finished.Clear();
            for (int row = start; row < Math.Min(start + block, size); row++)
                finished.Add(Row(row)[..start]);
            AddProducts(finished, -1, start);
        }

        return true;
    }

    /// <summary>Factors some rows that all later ones have been taken away from.</summary>
    private bool TryFactor(int start, int end)
    {
        for (int last = end - 1; last >= start; last--)
        {
            Span<float> row = Row(last);
            float pivot = row[last];
            if (!(pivot > 0) || !float.IsFinite(pivot))
                return false;
            float root = MathF.Sqrt(pivot);
            Scale(row, 1 / root);
            row[last] = root;
            for (int i = start; i < last; i++)
                Subtract(Row(i), row, row[i]);
        }

        return true;
    }

    private void AddToPanel(RowPanels rows, float sign, int panel)
    {
        int stride = Stride(panel * Panel), length = Math.Min(Panel, size - (panel * Panel));
        Span<float> target = _elements.AsSpan((int)Start(panel * Panel), length * stride);
        ReadOnlySpan<float> left = rows.Of(panel);
        for (int column = 0; column <= panel; column++)
        {
            ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(rows.Of(column));
            for (int row = 0; row < length; row += 4)
                AddProducts(left[row..], right, target[((row * stride) + (column * Panel))..], stride, Math.Min(4, length - row), sign);
        }
    }

    /// <summary>Four rows of one panel. Where there are fewer, what is computed beyond is zeros.</summary>
    private static void AddProducts(ReadOnlySpan<float> left, ReadOnlySpan<Vector<float>> right, Span<float> target, int stride, int count, float sign)
    {
        Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (int i = 0; i + 1 < right.Length; i += 2)
        {
            Vector<float> first = right[i], second = right[i + 1];
            ReadOnlySpan<float> factors = left.Slice(i / 2 * Panel, 4);
            a0 += first * factors[0];
            a1 += second * factors[0];
            b0 += first * factors[1];
            b1 += second * factors[1];
            c0 += first * factors[2];
            c1 += second * factors[2];
            d0 += first * factors[3];
            d1 += second * factors[3];
        }

        Add(target, a0, a1, sign);
        if (count > 1)
            Add(target[stride..], b0, b1, sign);
        if (count > 2)
            Add(target[(2 * stride)..], c0, c1, sign);
        if (count > 3)
            Add(target[(3 * stride)..], d0, d1, sign);
    }

    private static void Add(Span<float> target, Vector<float> first, Vector<float> second, float sign)
    {
        Span<float> other = target[Vector<float>.Count..];
        (new Vector<float>(target) + (first * sign)).CopyTo(target);
        (new Vector<float>(other) + (second * sign)).CopyTo(other);
    }

    private static void Scale(Span<float> row, float factor)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (int i = 0; i < vectors.Length; i++)
            vectors[i] *= factor;
        for (int i = vectors.Length * Vector<float>.Count; i < row.Length; i++)
            row[i] *= factor;
    }

    private static void Subtract(Span<float> target, ReadOnlySpan<float> row, float factor)
    {
        Span<Vector<float>> targets = MemoryMarshal.Cast<float, Vector<float>>(target);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row)[..targets.Length];
        for (int i = 0; i < targets.Length; i++)
            targets[i] -= vectors[i] * factor;
        for (int i = targets.Length * Vector<float>.Count; i < target.Length; i++)
            target[i] -= row[i] * factor;
    }
}
