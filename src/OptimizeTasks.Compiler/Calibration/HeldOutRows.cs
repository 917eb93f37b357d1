using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// Rows of an activation: every second one shows between which numbers each channel lies, and on some of the others a choice
/// that follows from that is measured, since rows that come later get further. They are taken evenly from all samples, in
/// bounded memory: where there is no room, every second one goes, and from then on half as many are kept.
/// </summary>
/// <param name="value">The activation.</param>
internal sealed class HeldOutRows(Value value)
{
    private const int MostRows = 64;
    private const int MostElements = 1 << 18;

    private readonly List<float[]> _rows = [];
    private readonly ChannelExtremes _others = new(value, 0);
    private long _seen;
    private long _step = 1;

    /// <summary>The rows that are kept.</summary>
    public IReadOnlyList<float[]> Rows => _rows;

    /// <summary>The least number of each channel, or 0, in the rows between them.</summary>
    public IReadOnlyList<float> Least => _others.Least;

    /// <summary>The greatest number of each channel, or 0, in the rows between them.</summary>
    public IReadOnlyList<float> Greatest => _others.Greatest;

    /// <summary>Looks at the activation.</summary>
    public ActivationObserver Observer => new(value, TryAdd);

    private bool TryAdd(Tensor tensor)
    {
        if (tensor.ElementCount == 0)
            return true;
        int length = (int)tensor.Dimensions[^1], most = Math.Clamp(MostElements / length, 2, MostRows);
        ReadOnlySpan<float> numbers = tensor.Read<float>();
        for (int first = 0; first < numbers.Length; first += length, _seen++)
        {
            ReadOnlySpan<float> row = numbers.Slice(first, length);
            if (_seen % 2 == 0)
                _others.Add(row, length);
            else
                Keep(row, most);
        }

        return true;
    }

    private void Keep(ReadOnlySpan<float> row, int most)
    {
        if (_seen / 2 % _step != 0)
            return;
        if (_rows.Count == most)
        {
            _step *= 2;
            for (int i = 1; i < _rows.Count; i++)
                _rows.RemoveAt(i);
        }

        if (_seen / 2 % _step == 0)
            _rows.Add(row.ToArray());
    }
}
