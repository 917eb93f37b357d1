using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>A normalisation whose result products with weights of their own take, and nobody else: what its channels are divided by can be multiplied with there.</summary>
internal sealed class NormalizedProducts
{
    private NormalizedProducts(Node norm) => Norm = norm;

    /// <summary>The normalisation.</summary>
    public Node Norm { get; }

    /// <summary>The products.</summary>
    public IReadOnlyList<Node> Products => [.. Norm.Outputs[0]!.Uses.Select(use => use.Node)];

    /// <summary>The normalisation with the products behind it; null for any other node.</summary>
    public static NormalizedProducts? Of(Node norm)
    {
        if (norm.Domain.Length > 0 || norm.OpType is not ("LayerNormalization" or "RMSNormalization") || norm.Outputs is not [{ IsOutput: false, Shape: { Rank: > 0 } shape } output, ..]
            || norm.Outputs.Skip(1).Any(o => o is not null) || (norm.IntAttribute("axis", -1) is var axis && axis != -1 && axis != shape.Rank - 1))
            return null;
        if (norm.Input(1)?.Constant is not { Rank: 1, ElementType: ElementType.Float } scale || (norm.Input(2) is { } shift && shift.Constant is not { Rank: 1, ElementType: ElementType.Float }))
            return null;
        if (output.Uses.Count == 0 || !output.Uses.All(use => use.Index == 0 && !use.Node.Is("Conv") && ChannelScaling.SummedAxis(use.Node) is { } summed && use.Node.Inputs[1]!.Constant!.Dimensions[summed] == scale.Dimensions[0]))
            return null;
        return new NormalizedProducts(norm);
    }

    /// <summary>What a channel reaches by what the normalisation says: its scale times a normal number, and its shift.</summary>
    public float[] Peaks()
    {
        float[] peaks = ChannelPeaks.Of(Norm.Inputs[1]!.Constant!, 0);
        return Norm.Input(2)?.Constant is { } shifts && shifts.Dimensions[0] == peaks.Length ? [.. peaks.Zip(ChannelPeaks.Of(shifts, 0), (a, b) => a + b)] : peaks;
    }

    /// <summary>The greatest weight of each channel in some of the products.</summary>
    public static float[] PeaksOf(IEnumerable<Node> products) => products
        .Select(product => ChannelPeaks.Of(product.Inputs[1]!.Constant!, ChannelScaling.SummedAxis(product)!.Value))
        .Aggregate((a, b) => [.. a.Zip(b, Math.Max)]);

    /// <summary>Divides the channels of the normalisation, and multiplies those of the weights.</summary>
    public void Divide(double[] factors)
    {
        double[] inverses = Array.ConvertAll(factors, f => 1 / f);
        ChannelScaling.ScaleBias(new Use(Norm, 1), inverses, 0);
        if (Norm.Input(2) is not null)
            ChannelScaling.ScaleBias(new Use(Norm, 2), inverses, 0);
        foreach (Node product in Products)
            ChannelScaling.ScaleWeight(product, ChannelScaling.SummedAxis(product)!.Value, factors);
    }
}
