using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// How much may be computed while a model is compiled: a few constants can ask for hours. Counted in steps of about a
/// nanosecond instead of in time, so that the result is the same on every machine.
/// </summary>
internal sealed class FoldingWork
{
    private const double Base = 2e9;

    /// <summary>What a model may take for each byte of its weights, which real models transpose, cast or scale.</summary>
    private const double PerWeightByte = 4;

    /// <summary>Starting a run takes time as well.</summary>
    private const double PerRun = 5e6;

    /// <summary>Engines do several multiplications in a step.</summary>
    private const double PerProduct = 0.25;

    /// <summary>The work that a model may take.</summary>
    public FoldingWork(Model model) =>
        Left = Base + (PerWeightByte * model.Graph.AllGraphs().SelectMany(g => g.Initializers).Sum(v => (double)v.Initializer!.ByteLength));

    /// <summary>What may still be computed.</summary>
    public double Left { get; private set; }

    /// <summary>Counts a run.</summary>
    public void Spend(double work) => Left -= work + PerRun;

    /// <summary>Computes nothing more.</summary>
    public void End() => Left = 0;

    /// <summary>The steps of a node whose sizes are known.</summary>
    public static double Of(Node node)
    {
        double[] inputs = [.. node.Inputs.OfType<Value>().Select(Elements)];
        double output = node.Outputs.OfType<Value>().Sum(Elements);
        double linear = inputs.Sum() + output;
        return node.OpType switch
        {
            // For matrices this is the number of products.
            "MatMul" or "Gemm" or "MatMulInteger" or "QLinearMatMul" or "Conv" or "ConvInteger" or "QLinearConv" or "ConvTranspose" =>
                linear + (PerProduct * Math.Sqrt(inputs.OrderDescending().Take(2).Aggregate(output, (a, b) => a * b))),
            // At most every input with every output.
            "Einsum" or "NonMaxSuppression" or "DFT" or "STFT" or "MaxPool" or "AveragePool" or "LpPool" or "LRN" or "Resize" or "Upsample" or "GridSample"
                or "RoiAlign" or "MaxRoiPool" or "LSTM" or "GRU" or "RNN" or "Attention" or "DeformConv" => linear + (PerProduct * inputs.Sum() * output),
            _ => linear,
        };
    }

    private static double Elements(Value value) => ConstantPart.Bytes(value) is { } bytes ? bytes * 8.0 / Math.Max(value.ElementType.BitWidth(), 1) : 0;
}
