namespace OptimizeTasks.Compiler.Verification;

/// <summary>A guess at what files do not say about their dimensions: tried in turn until the original runs.</summary>
/// <param name="Batch">The size that batches always have; null for the goal's.</param>
/// <param name="Total">What a total length is.</param>
/// <param name="Lengths">How lengths with different names are related.</param>
/// <param name="Length">The length that sequences usually have.</param>
/// <param name="Side">The height and width that images usually have.</param>
internal sealed record SizeVariant(long? Batch, TotalLength Total, LengthRelation Lengths, int Length, int Side)
{
    // Short, windows of signals, a second of sound.
    private static readonly int[] _lengths = [7, 2, 16, 64, 256, 288, 512, 576, 1024, 16000];
    private static readonly int[] _sides = [64, 224, 320, 640];

    /// <summary>The length that is tried first.</summary>
    public static int FirstLength => _lengths[0];

    /// <summary>The side that is tried first.</summary>
    public static int FirstSide => _sides[0];

    /// <summary>Every guess, the likeliest first.</summary>
    /// <param name="hasBatch">Whether there are batches.</param>
    /// <param name="hasTotal">Whether there are total lengths.</param>
    /// <param name="lengths">The number of lengths with different names.</param>
    /// <param name="hasSides">Whether there are images of any size.</param>
    public static IEnumerable<SizeVariant> All(bool hasBatch, bool hasTotal, int lengths, bool hasSides) =>
        from length in lengths > 0 ? _lengths : [_lengths[0]]
        from batch in hasBatch ? [null, 1L] : new long?[] { null }
        from side in hasSides ? _sides : [_sides[0]]
        from relation in lengths > 1 ? Enum.GetValues<LengthRelation>() : [LengthRelation.Apart]
        from total in hasTotal ? Enum.GetValues<TotalLength>() : [TotalLength.PastAndLength]
        select new SizeVariant(batch, total, relation, length, side);
}

internal enum TotalLength
{
    PastAndLength,
    Length,
    Past,
}

internal enum LengthRelation
{
    /// <summary>Every name has a length of its own.</summary>
    Apart,

    /// <summary>All are equal.</summary>
    Equal,

    /// <summary>Only those of last dimensions are lengths, the others belong to the batch: a state of layers, batch, features.</summary>
    LastOnly,
}
