using System.Numerics;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// One block of as many channels as a vector has lanes. L·d is 0 at an input whose weight was freely chosen: the weight that
/// does so is the one to round, and what L·d is afterwards is what rounding it costs.
/// </summary>
/// <param name="format">The format.</param>
/// <param name="inputs">The inputs of the block.</param>
/// <param name="factor">The rows of the factor from the block's first input on.</param>
/// <param name="stride">Where the next row of the factor begins.</param>
/// <param name="channel">The first channel.</param>
/// <param name="channels">The number of channels.</param>
/// <param name="block">The number of the block.</param>
internal readonly ref struct FeedbackBlock(BlockFormat format, int inputs, ReadOnlySpan<float> factor, int stride, int channel, int channels, int block)
{
    private readonly ReadOnlySpan<float> _factor = factor;

    /// <summary>Rounds every weight by itself.</summary>
    /// <param name="columns">Receives the codes.</param>
    /// <param name="weights">The weights, panel by panel.</param>
    /// <param name="errors">Receives the errors.</param>
    /// <param name="sums">What earlier inputs add to L·d.</param>
    /// <param name="costs">What ‖L·d‖² is added to.</param>
    public void RoundPlain(ColumnBlocks columns, ReadOnlySpan<float> weights, Span<float> errors, ReadOnlySpan<float> sums, Span<double> costs)
    {
        Span<BlockScale> scales = stackalloc BlockScale[channels];
        columns.Choose(weights, LowerTriangle.Panel, scales);
        columns.Store(weights, LowerTriangle.Panel, scales, channel, block);
        var rounding = new LaneRounding(format, scales);
        Vector<float> cost = default;
        for (int row = 0; row < inputs; row++)
        {
            Vector<float> weight = At(weights, row), error = weight - rounding.Round(weight);
            error.CopyTo(errors[(row * LowerTriangle.Panel)..]);
            Vector<float> felt = Sum(row, sums, errors) + (error * Diagonal(row));
            cost += felt * felt;
        }

        // The rest of the last block is never looked at but here: codes of 0 cost nothing.
        for (int row = inputs; row < format.BlockSize; row++)
            Vector<float>.Zero.CopyTo(errors[(row * LowerTriangle.Panel)..]);
        Add(cost, costs);
    }

    /// <summary>Rounds one input after the other.</summary>
    /// <param name="columns">Receives the codes.</param>
    /// <param name="errors">The weights, which become errors.</param>
    /// <param name="sums">What earlier inputs add to L·d.</param>
    /// <param name="costs">What ‖L·d‖² is added to.</param>
    public void Round(ColumnBlocks columns, Span<float> errors, ReadOnlySpan<float> sums, Span<double> costs)
    {
        Span<float> tile = stackalloc float[format.BlockSize * LowerTriangle.Panel];
        tile.Clear();
        Correct(errors, sums, tile);
        Span<BlockScale> scales = stackalloc BlockScale[channels];
        columns.Choose(tile, LowerTriangle.Panel, scales);
        var rounding = new LaneRounding(format, scales);
        Vector<float> cost = default;
        for (int row = 0; row < inputs; row++)
        {
            float diagonal = Diagonal(row);
            Vector<float> weight = At(errors, row), sum = Sum(row, sums, errors), corrected = weight + (sum * (1 / diagonal));
            Vector<float> error = weight - rounding.Round(corrected);
            error.CopyTo(errors[(row * LowerTriangle.Panel)..]);
            corrected.CopyTo(tile[(row * LowerTriangle.Panel)..]);
            Vector<float> felt = sum + (error * diagonal);
            cost += felt * felt;
        }

        columns.Store(tile, LowerTriangle.Panel, scales, channel, block);
        Add(cost, costs);
    }

    /// <summary>The weights of the block that take back all errors of earlier ones: from them the scale is chosen.</summary>
    private void Correct(ReadOnlySpan<float> weights, ReadOnlySpan<float> sums, Span<float> tile)
    {
        Span<float> changes = stackalloc float[format.BlockSize * LowerTriangle.Panel];
        for (int row = 0; row < inputs; row++)
        {
            Vector<float> change = Sum(row, sums, changes) * (1 / Diagonal(row));
            (-change).CopyTo(changes[(row * LowerTriangle.Panel)..]);
            (At(weights, row) + change).CopyTo(tile[(row * LowerTriangle.Panel)..]);
        }
    }

    /// <summary>L·d at a row, without the row itself.</summary>
    private Vector<float> Sum(int row, ReadOnlySpan<float> sums, ReadOnlySpan<float> errors)
    {
        ReadOnlySpan<float> factors = _factor.Slice(row * stride, row);
        Vector<float> sum = At(sums, row);
        for (int i = 0; i < factors.Length; i++)
            sum += At(errors, i) * factors[i];
        return sum;
    }

    private float Diagonal(int row) => _factor[(row * stride) + row];

    private static Vector<float> At(ReadOnlySpan<float> rows, int row) => new(rows[(row * LowerTriangle.Panel)..]);

    private void Add(Vector<float> cost, Span<double> costs)
    {
        for (int lane = 0; lane < channels; lane++)
            costs[lane] += cost[lane];
    }
}
