using System.Buffers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// Quantises a matrix in blocks along its summed axis, one input after the other: what rounding the weights of one input
/// costs is taken back by the weights of later ones, as far as both come together in the samples. The results are those of
/// <see cref="BlockwiseWeights"/>. Channels do not depend on one another, and each keeps what costs less, this or plain rounding.
/// </summary>
internal sealed class FeedbackWeights : TensorComputation
{
    private const int MostChannels = 256;
    private const int ErrorBytesOfPiece = 16 << 20;

    private readonly WeightMatrix _weight;
    private readonly bool _isInnerSummed;
    private readonly BlockFormat _format;
    private readonly FeedbackFactor _factor;
    private readonly long _channels;
    private readonly int _summed;
    private readonly int _blocks;
    private readonly int _channelsOfPiece;

    /// <param name="weight">The matrix.</param>
    /// <param name="isInnerSummed">Whether the axis that is summed is the one whose elements stand side by side.</param>
    /// <param name="format">The format.</param>
    /// <param name="factor">What is known of the inputs.</param>
    public FeedbackWeights(WeightMatrix weight, bool isInnerSummed, BlockFormat format, FeedbackFactor factor)
        : base(BlockwiseWeights.LengthsOf(weight, isInnerSummed, format))
    {
        _weight = weight;
        _isInnerSummed = isInnerSummed;
        _format = format;
        _factor = factor;
        _channels = isInnerSummed ? weight.Outer : weight.Inner;
        _summed = factor.Size;
        _blocks = format.Blocks(_summed);
        int most = ErrorBytesOfPiece / (2 * sizeof(float) * _blocks * format.BlockSize);
        _channelsOfPiece = Math.Clamp(most / LowerTriangle.Panel * LowerTriangle.Panel, LowerTriangle.Panel, MostChannels);
    }

    /// <inheritdoc/>
    public override int PieceCount => (int)((_channels + _channelsOfPiece - 1) / _channelsOfPiece);

    /// <inheritdoc/>
    public override long PieceBytes => ((long)_blocks * _format.BlockSize * ((2L * sizeof(float) * _channelsOfPiece) + (sizeof(float) * _format.BlockSize)))
        + (2L * _channelsOfPiece * _blocks * (_format.BlockBytes + sizeof(float)));

    /// <inheritdoc/>
    public override void Compute(int piece, ComputedBytes sink)
    {
        long first = (long)piece * _channelsOfPiece;
        int channels = (int)Math.Min(_channelsOfPiece, _channels - first);
        ElementType scaleType = BlockFormat.ScaleType(_weight.ElementType);
        using var plain = new BlockBuffers(_format, scaleType, channels, _blocks);
        using var corrected = new BlockBuffers(_format, scaleType, channels, _blocks);
        var stripe = new FeedbackStripe(_format, channels, _blocks, new ColumnBlocks(_format, scaleType, plain), new ColumnBlocks(_format, scaleType, corrected));
        Read(first, channels, stripe);
        Round(stripe);
        for (int channel = 0; channel < channels; channel++)
        {
            if (!stripe.IsBetter(channel))
                corrected.CopyFrom(plain, channel);
        }

        corrected.WriteTo(first, sink);
        stripe.Dispose();
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FeedbackWeights other && other._weight.Equals(_weight)
        && other._isInnerSummed == _isInnerSummed && other._format == _format && other._factor.Equals(_factor);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_weight, _isInnerSummed, _format, _factor);

    private void Read(long first, int channels, FeedbackStripe stripe)
    {
        int length = _isInnerSummed ? _summed : channels;
        float[] buffer = ArrayPool<float>.Shared.Rent(length);
        Span<float> numbers = buffer.AsSpan(0, length);
        for (int i = 0; i < (_isInnerSummed ? channels : _summed); i++)
        {
            if (_isInnerSummed)
                _weight.Read(first + i, 0, 1, length, numbers, 0);
            else
                _weight.Read(i, first, 1, length, numbers, 0);
            _weight.Check(numbers);
            if (_isInnerSummed)
                stripe.SetChannel(i, numbers);
            else
                stripe.SetInput(i, numbers);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }

    private void Round(FeedbackStripe stripe)
    {
        int stride = _blocks * _format.BlockSize;
        float[] buffer = ArrayPool<float>.Shared.Rent(stride * _format.BlockSize);
        Span<float> factor = buffer.AsSpan(0, stride * _format.BlockSize);
        factor.Clear();
        for (int block = 0; block < _blocks; block++)
        {
            int input = block * _format.BlockSize, inputs = Math.Min(_format.BlockSize, _summed - input);
            _factor.Read(input, inputs, factor, stride);
            factor[(inputs * stride)..].Clear();
            stripe.Round(block, inputs, factor, stride);
        }

        ArrayPool<float>.Shared.Return(buffer);
    }
}
