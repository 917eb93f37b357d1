using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Some channels of a matrix that are rounded side by side, each lane of a vector a channel of its own. Weights are replaced by
/// what rounding cost them: d = weight − what the code stands for. A panel of channels stands behind the other.
/// </summary>
internal sealed class FeedbackStripe : IDisposable
{
    private readonly BlockFormat _format;
    private readonly int _channels;
    private readonly int _inputs;
    private readonly ColumnBlocks _plain;
    private readonly ColumnBlocks _corrected;
    private readonly float[] _plainErrors;
    private readonly float[] _errors;
    private readonly double[] _plainCosts;
    private readonly double[] _costs;

    /// <param name="format">The format.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="blocks">The number of blocks of a channel.</param>
    /// <param name="plain">Receives what plain rounding gives.</param>
    /// <param name="corrected">Receives what error feedback gives.</param>
    public FeedbackStripe(BlockFormat format, int channels, int blocks, ColumnBlocks plain, ColumnBlocks corrected)
    {
        _format = format;
        _channels = channels;
        _inputs = blocks * format.BlockSize;
        _plain = plain;
        _corrected = corrected;
        int padded = Panels * LowerTriangle.Panel;
        _plainErrors = ArrayPool<float>.Shared.Rent(padded * _inputs);
        _errors = ArrayPool<float>.Shared.Rent(padded * _inputs);
        Errors.Clear();
        _plainCosts = new double[padded];
        _costs = new double[padded];
    }

    private int Panels => (_channels + LowerTriangle.Panel - 1) / LowerTriangle.Panel;

    private Span<float> Errors => _errors.AsSpan(0, Panels * LowerTriangle.Panel * _inputs);

    /// <summary>Sets the weights of one channel.</summary>
    public void SetChannel(int channel, ReadOnlySpan<float> weights)
    {
        Span<float> errors = Errors[Position(channel, 0)..];
        for (int i = 0; i < weights.Length; i++)
            errors[i * LowerTriangle.Panel] = weights[i];
    }

    /// <summary>Sets the weights of one input.</summary>
    public void SetInput(int input, ReadOnlySpan<float> weights)
    {
        for (int channel = 0; channel < weights.Length; channel += LowerTriangle.Panel)
            weights[channel..Math.Min(channel + LowerTriangle.Panel, weights.Length)].CopyTo(Errors[Position(channel, input)..]);
    }

    /// <summary>Whether error feedback costs less than plain rounding; where a number overflowed, it does not.</summary>
    public bool IsBetter(int channel) => _costs[channel] < _plainCosts[channel];

    /// <summary>Rounds one block of all channels; those before it are done.</summary>
    /// <param name="block">The number of the block.</param>
    /// <param name="inputs">How many inputs it has; the others are zeros.</param>
    /// <param name="factor">The rows of the factor that belong to the block, zeros where there are none.</param>
    /// <param name="stride">Where the next row of the factor begins.</param>
    public void Round(int block, int inputs, ReadOnlySpan<float> factor, int stride)
    {
        int input = block * _format.BlockSize, length = _format.BlockSize * LowerTriangle.Panel;
        Span<float> sums = stackalloc float[length], plainSums = stackalloc float[length];
        for (int panel = 0; panel < Panels; panel++)
        {
            int channel = panel * LowerTriangle.Panel, start = Position(channel, 0), position = Position(channel, input);
            Sum(factor, stride, _errors.AsSpan(start, position - start), sums);
            Sum(factor, stride, _plainErrors.AsSpan(start, position - start), plainSums);
            for (int lane = 0; lane < LowerTriangle.Panel && channel + lane < _channels; lane += Vector<float>.Count)
            {
                var own = new FeedbackBlock(_format, inputs, factor[input..], stride, channel + lane, Math.Min(Vector<float>.Count, _channels - channel - lane), block);
                own.RoundPlain(_plain, _errors.AsSpan(position + lane), _plainErrors.AsSpan(position + lane), plainSums[lane..], _plainCosts.AsSpan(channel + lane));
                own.Round(_corrected, _errors.AsSpan(position + lane), sums[lane..], _costs.AsSpan(channel + lane));
            }
        }
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_plainErrors);
        ArrayPool<float>.Shared.Return(_errors);
    }

    private int Position(int channel, int input) => ((channel / LowerTriangle.Panel * _inputs) + input) * LowerTriangle.Panel + (channel % LowerTriangle.Panel);

    /// <summary>What earlier inputs of a panel's channels add to each row of the block: a product of matrices.</summary>
    private void Sum(ReadOnlySpan<float> factor, int stride, ReadOnlySpan<float> errors, Span<float> sums)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(errors);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(sums);
        int length = vectors.Length / 2;
        for (int row = 0; row < _format.BlockSize; row += 4)
        {
            ReadOnlySpan<float> a = factor.Slice(row * stride, length), b = factor.Slice((row + 1) * stride, length);
            ReadOnlySpan<float> c = factor.Slice((row + 2) * stride, length), d = factor.Slice((row + 3) * stride, length);
            Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            for (int i = 0; i < a.Length; i++)
            {
                Vector<float> first = vectors[2 * i], second = vectors[(2 * i) + 1];
                a0 += first * a[i];
                a1 += second * a[i];
                b0 += first * b[i];
                b1 += second * b[i];
                c0 += first * c[i];
                c1 += second * c[i];
                d0 += first * d[i];
                d1 += second * d[i];
            }

            Span<Vector<float>> some = results.Slice(2 * row, 8);
            (some[0], some[1], some[2], some[3]) = (a0, a1, b0, b1);
            (some[4], some[5], some[6], some[7]) = (c0, c1, d0, d1);
        }
    }
}
