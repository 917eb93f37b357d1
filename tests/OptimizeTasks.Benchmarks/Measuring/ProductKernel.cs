using System.Collections.Immutable;
using OptimizeTasks.Benchmarks.Kernels;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>How fast a kernel of the runtime multiplies on this machine.</summary>
internal sealed class ProductKernel
{
    /// <summary>A product so large that calling it weighs nothing, and whose matrix fits the caches.</summary>
    private const long Square = 1024;

    /// <summary>A product of one row with a matrix that no cache holds.</summary>
    private const long Wide = 8192;

    /// <summary>Weights of a block of 4 bits that have a scale in single precision.</summary>
    private const long Block = 32;

    private readonly Lazy<double> _operationsPerMillisecond;
    private readonly Lazy<double> _weightsPerMillisecond;

    private ProductKernel(double bytesOfWeight, Func<KernelGraph, Value, long, Value> multiply)
    {
        BytesOfWeight = bytesOfWeight;
        _operationsPerMillisecond = new(() => 2.0 * Square * Square * Square / TimeOf(Square, Square, multiply));
        _weightsPerMillisecond = new(() => (double)Wide * Wide / TimeOf(1, Wide, multiply));
    }

    /// <summary>MatMul in single precision.</summary>
    public static ProductKernel Single { get; } = new(sizeof(float), (graph, x, size) => graph.Op("MatMul", x, graph.Matrix(size, size)));

    /// <summary>Activations and weights in 8 bits.</summary>
    public static ProductKernel Dynamic { get; } = new(1, (graph, x, size) => graph.Own("DynamicQuantizeMatMul", [], x, graph.SignedCodes(size, size), graph.Vector(size, 1e-3f)));

    /// <summary>Weights in 4 bits.</summary>
    public static ProductKernel Int4 { get; } = new(0.5 + ((double)sizeof(float) / Block), (graph, x, size) => graph.Own(
        "MatMulNBits",
        [new IntAttribute("K", size), new IntAttribute("N", size), new IntAttribute("bits", 4), new IntAttribute("block_size", Block), new IntAttribute("accuracy_level", 4)],
        x, graph.Codes(size, size / Block, Block / 2), graph.Vector(size * size / Block, 1e-3f)));

    /// <summary>Bytes that the kernel reads for a weight.</summary>
    public double BytesOfWeight { get; }

    /// <summary>Multiplications and additions, each counted, where nothing has to come from memory.</summary>
    public double OperationsPerMillisecond => _operationsPerMillisecond.Value;

    /// <summary>Weights, where all come from memory.</summary>
    public double WeightsPerMillisecond => _weightsPerMillisecond.Value;

    /// <summary>The least milliseconds of one product in a chain of them.</summary>
    private static double TimeOf(long rows, long size, Func<KernelGraph, Value, long, Value> multiply)
    {
        string path = Workspace.File("limit.onnx");
        using (Model model = KernelGraph.Build([rows, size], (graph, x) => multiply(graph, x, size)))
            ModelWriter.Write(model, path);
        List<ModelMeasurement> runs = ModelRounds.Run(path, ImmutableSortedDictionary<string, long>.Empty, [new("limit", path, LoadOptimization.All)], rounds: 3, runs: 20)[0];
        Workspace.Delete(path);
        return runs.Minimum() / KernelGraph.Repetitions;
    }
}
