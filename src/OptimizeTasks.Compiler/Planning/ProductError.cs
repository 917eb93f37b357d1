using System.Numerics;
using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// What 8 bits cost a product, ‖X·W − Q(X/s)·Q(s·W)‖², on some rows of X and some columns of W. Every sum is taken in the order
/// of the channels, each column in a lane of its own: the same on every machine.
/// </summary>
internal sealed class ProductError
{
    private const int MostColumns = 128;

    private readonly IReadOnlyList<float[]> _rows;
    private readonly double[] _least;
    private readonly double[] _greatest;
    private readonly float[] _weights;
    private readonly float[]? _peaks;
    private readonly bool _isSymmetric;
    private readonly int _columns;
    private readonly float[] _expected;

    /// <param name="product">A MatMul or Gemm with a matrix in single precision.</param>
    /// <param name="planned">Its format: the range of activations is known beforehand, or found in every run.</param>
    /// <param name="isSymmetric">Whether codes of ranges that are known beforehand are signed, around 0.</param>
    /// <param name="rows">Rows of the activations.</param>
    public ProductError(Node product, PlannedNode planned, bool isSymmetric, HeldOutRows rows)
    {
        bool isStatic = planned.Format == WeightFormat.Static;
        _rows = rows.Rows;
        _least = isStatic ? [.. rows.Least] : Ends(0, Math.Min);
        _greatest = isStatic ? [.. rows.Greatest] : Ends(0, Math.Max);
        _isSymmetric = isStatic && isSymmetric;
        (_weights, _columns) = ReadColumns(product);
        _peaks = planned.PerChannel == false ? NormalizedProducts.PeaksOf([product]) : null;
        _expected = Multiply(_rows, _weights);
    }

    private double[] Ends(double start, Func<double, double, double> further) =>
        [.. Enumerable.Range(0, _rows[0].Length).Select(i => _rows.Aggregate(start, (end, row) => further(end, row[i])))];

    /// <summary>The error with these factors.</summary>
    public double Of(double[] factors)
    {
        ActivationScale scale = ScaleOf(factors);
        int least = _isSymmetric ? -ChannelScale.GreatestCode : byte.MinValue, greatest = _isSymmetric ? ChannelScale.GreatestCode : byte.MaxValue;
        float[][] rows = [.. _rows.Select(row => row
            .Select((x, i) => (float)(Math.Clamp(Math.Round(x / factors[i] / scale.Scale) + scale.ZeroPoint, least, greatest) - scale.ZeroPoint) * scale.Scale).ToArray())];
        float[] actual = Multiply(rows, Rounded(factors));
        double sum = 0;
        for (int i = 0; i < actual.Length; i++)
            sum += Math.Pow(actual[i] - (double)_expected[i], 2);
        return sum;
    }

    private ActivationScale ScaleOf(double[] factors)
    {
        var range = new ActivationRange(_least.Zip(factors, (x, f) => x / f).Min(), _greatest.Zip(factors, (x, f) => x / f).Max());
        return _isSymmetric ? ActivationScale.Symmetric(range) : ActivationScale.Asymmetric(range);
    }

    private float[] Rounded(double[] factors)
    {
        var peaks = new double[_columns];
        for (int i = 0; i < _weights.Length; i++)
            peaks[i % _columns] = Math.Max(peaks[i % _columns], Math.Abs(_weights[i] * factors[i / _columns]));
        if (_peaks is not null)
            Array.Fill(peaks, _peaks.Zip(factors, (peak, factor) => peak * factor).Max());
        ChannelScale[] scales = Array.ConvertAll(peaks, peak => ChannelScale.Of((float)peak));
        var rounded = new float[_weights.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            ChannelScale scale = scales[i % _columns];
            rounded[i] = (float)Math.Round(_weights[i] * factors[i / _columns] * scale.Inverse) * scale.Scale;
        }

        return rounded;
    }

    /// <summary>Rows times a matrix of as many columns as were read.</summary>
    private float[] Multiply(IReadOnlyList<float[]> rows, float[] matrix)
    {
        var result = new float[rows.Count * _columns];
        for (int row = 0; row < rows.Count; row++)
        {
            Span<float> sums = result.AsSpan(row * _columns, _columns);
            for (int i = 0; i < rows[row].Length; i++)
                Add(rows[row][i], matrix.AsSpan(i * _columns, _columns), sums);
        }

        return result;
    }

    private static void Add(float factor, ReadOnlySpan<float> numbers, Span<float> sums)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        Span<Vector<float>> totals = MemoryMarshal.Cast<float, Vector<float>>(sums);
        for (int i = 0; i < vectors.Length; i++)
            totals[i] += vectors[i] * factor;
        for (int i = vectors.Length * Vector<float>.Count; i < numbers.Length; i++)
            sums[i] += numbers[i] * factor;
    }

    /// <summary>Some columns, as many as there are or evenly from all, with the summed axis first.</summary>
    private static (float[] Weights, int Columns) ReadColumns(Node product)
    {
        Tensor weight = product.Inputs[1]!.Constant!;
        bool isFirstSummed = ChannelScaling.SummedAxis(product) == 0;
        int summed = (int)weight.Dimensions[isFirstSummed ? 0 : 1];
        long all = weight.Dimensions[isFirstSummed ? 1 : 0];
        int columns = (int)Math.Min(all, MostColumns);
        var weights = new float[summed * columns];
        var row = new float[weight.Dimensions[1]];
        for (int i = 0; i < (isFirstSummed ? summed : columns); i++)
        {
            long place = isFirstSummed ? i : Place(i);
            weight.Data.Read(place * row.Length * sizeof(float), MemoryMarshal.AsBytes(row.AsSpan()));
            for (int j = 0; j < (isFirstSummed ? columns : summed); j++)
                weights[isFirstSummed ? (i * columns) + j : (j * columns) + i] = row[isFirstSummed ? Place(j) : j];
        }

        return (weights, columns);

        long Place(int column) => column * all / columns;
    }
}
