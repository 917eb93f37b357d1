namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// How often numbers are how large, in a fixed number of bins around 0. Their width is a power of two: where a larger
/// number comes, two bins become one, and the counts are those that the wider bins would have had from the start. So
/// neither the order of the numbers nor how they came in pieces matters.
/// </summary>
internal sealed class Histogram
{
    /// <summary>Enough for 8 bits to be chosen well: 16 bins to a code.</summary>
    public const int BinCount = 4096;

    private const int Half = BinCount / 2;
    private const int HalfExponent = 11;

    /// <summary>Bins of smaller numbers would have no width in single precision.</summary>
    private const int SmallestExponent = -100;

    private readonly long[] _counts = new long[BinCount];

    /// <summary>All numbers are below 2 to the power of this.</summary>
    private int _exponent = SmallestExponent;

    /// <summary>The counts of the bins, from the least numbers to the greatest.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The width of a bin.</summary>
    public double Width => Math.ScaleB(1, _exponent - HalfExponent);

    /// <summary>Where a bin begins.</summary>
    public double Start(int bin) => (bin - Half) * Width;

    /// <summary>Counts finite numbers.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="greatest">Their greatest magnitude.</param>
    public void Add(ReadOnlySpan<float> numbers, float greatest)
    {
        Widen(greatest);
        float scale = (float)(1 / Width);
        foreach (float number in numbers)
            _counts[(int)MathF.Floor(number * scale) + Half]++;
    }

    private void Widen(float greatest)
    {
        int exponent = greatest == 0 ? SmallestExponent : Math.Max(SmallestExponent, Math.ILogB(greatest) + 1);
        for (; _exponent < exponent; _exponent++)
            Merge();
    }

    private void Merge()
    {
        // From the middle outwards, so that nothing is overwritten that is still to be read.
        for (int i = 0; i < Half / 2; i++)
        {
            _counts[Half + i] = _counts[Half + (2 * i)] + _counts[Half + (2 * i) + 1];
            _counts[Half - 1 - i] = _counts[Half - 1 - (2 * i)] + _counts[Half - 2 - (2 * i)];
        }

        _counts.AsSpan(0, Half / 2).Clear();
        _counts.AsSpan(Half + (Half / 2)).Clear();
    }
}
