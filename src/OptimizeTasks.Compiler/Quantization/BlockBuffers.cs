using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>What quantising some channels gives, channel by channel, as it is stored.</summary>
internal sealed class BlockBuffers : IDisposable
{
    private readonly BlockFormat _format;
    private readonly ElementType _scaleType;
    private readonly int _channels;
    private readonly int _blocks;
    private readonly byte[] _codes;
    private readonly float[] _scales;
    private readonly byte[] _zeroPoints;

    /// <summary>Room for so many channels of so many blocks.</summary>
    public BlockBuffers(BlockFormat format, ElementType scaleType, int channels, int blocks)
    {
        _format = format;
        _scaleType = scaleType;
        _channels = channels;
        _blocks = blocks;
        _codes = ArrayPool<byte>.Shared.Rent(channels * blocks * format.BlockBytes);
        _scales = ArrayPool<float>.Shared.Rent(channels * blocks);
        _zeroPoints = ArrayPool<byte>.Shared.Rent(channels * format.ZeroPointBytes(blocks));
        ZeroPoints.Clear();
    }

    /// <summary>The codes.</summary>
    public Span<byte> Codes => _codes.AsSpan(0, _channels * _blocks * _format.BlockBytes);

    private Span<float> Scales => _scales.AsSpan(0, _channels * _blocks);

    private Span<byte> ZeroPoints => _zeroPoints.AsSpan(0, _channels * _format.ZeroPointBytes(_blocks));

    /// <summary>Where the codes of a block begin.</summary>
    public int Position(int channel, int block) => ((channel * _blocks) + block) * _format.BlockBytes;

    /// <summary>Stores the scale and the zero point of a block.</summary>
    public void Set(int channel, int block, BlockScale scale)
    {
        _scales[(channel * _blocks) + block] = scale.Scale;
        int bit = block * _format.Bits;
        _zeroPoints[(channel * _format.ZeroPointBytes(_blocks)) + (bit / 8)] |= (byte)(scale.ZeroPoint << (bit % 8));
    }

    /// <summary>Takes over one channel of others of the same size.</summary>
    public void CopyFrom(BlockBuffers others, int channel)
    {
        int codes = Position(1, 0), zeroPoints = _format.ZeroPointBytes(_blocks);
        others.Codes.Slice(channel * codes, codes).CopyTo(Codes[(channel * codes)..]);
        others.Scales.Slice(channel * _blocks, _blocks).CopyTo(Scales[(channel * _blocks)..]);
        others.ZeroPoints.Slice(channel * zeroPoints, zeroPoints).CopyTo(ZeroPoints[(channel * zeroPoints)..]);
    }

    /// <summary>Stores the scales of a block of several channels behind each other, whose zero points are not stored.</summary>
    public void Set(int firstChannel, int channels, int block, Vector<float> scales)
    {
        int position = (firstChannel * _blocks) + block;
        for (int lane = 0; lane < channels; lane++, position += _blocks)
            _scales[position] = scales[lane];
    }

    /// <summary>Gives everything away.</summary>
    /// <param name="firstChannel">The number of the first channel in the whole tensor.</param>
    /// <param name="sink">Receives it.</param>
    public void WriteTo(long firstChannel, ComputedBytes sink)
    {
        sink(BlockwiseWeights.CodesIndex, firstChannel * _blocks * _format.BlockBytes, Codes);
        if (_scaleType == ElementType.Float16)
        {
            Half[] halves = Array.ConvertAll(Scales.ToArray(), scale => (Half)scale);
            sink(BlockwiseWeights.ScalesIndex, firstChannel * _blocks * sizeof(ushort), MemoryMarshal.AsBytes<Half>(halves));
        }
        else
        {
            sink(BlockwiseWeights.ScalesIndex, firstChannel * _blocks * sizeof(float), MemoryMarshal.AsBytes(Scales));
        }

        if (!_format.IsSymmetric)
            sink(BlockwiseWeights.ZeroPointsIndex, firstChannel * _format.ZeroPointBytes(_blocks), ZeroPoints);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_codes);
        ArrayPool<float>.Shared.Return(_scales);
        ArrayPool<byte>.Shared.Return(_zeroPoints);
    }
}
