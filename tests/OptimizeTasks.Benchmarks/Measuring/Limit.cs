using System.Collections.Immutable;
using OptimizeTasks.Benchmarks.Kernels;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>
/// What no compiler can do without on this machine: the operations of a model's products in single precision, at the rate of
/// the runtime's own MatMul, and its weights, once from memory.
/// </summary>
/// <param name="Operations">Multiplications and additions of all products, each counted.</param>
/// <param name="Bytes">Bytes of the weights that products read.</param>
/// <param name="Milliseconds">What the slower of the two takes.</param>
internal sealed record Limit(double Operations, double Bytes, double Milliseconds)
{
    /// <summary>A product so large that calling it weighs nothing, and whose matrix fits the caches.</summary>
    private const long Square = 1024;

    /// <summary>A product of one row with a matrix that no cache holds.</summary>
    private const long Wide = 8192;

    private static readonly Lazy<double> s_operationsPerMillisecond = new(() => 2.0 * Square * Square * Square / TimeOf(Square, Square));
    private static readonly Lazy<double> s_bytesPerMillisecond = new(() => (double)sizeof(float) * Wide * Wide / TimeOf(1, Wide));

    /// <summary>The limit of a model on these inputs.</summary>
    /// <param name="path">The model, simplified: its shapes follow from those of the inputs.</param>
    /// <param name="inputs">The inputs.</param>
    public static Limit Of(string path, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using Model model = ModelReader.Read(path);
        foreach (Value input in model.Graph.Inputs.Where(i => inputs.ContainsKey(i.Name)))
            input.Type = new TensorType(input.ElementType, Shape.Of([.. inputs[input.Name].Dimensions]));
        ShapeInference.Run(model);
        double operations = model.Graph.AllNodes().Sum(Count);
        double bytes = model.Graph.AllNodes().Where(n => n.Is("MatMul") || n.Is("Gemm") || n.Is("Conv")).Select(n => n.Inputs[1]!).Distinct().Sum(w => w.Constant?.ByteLength ?? 0);
        return new Limit(operations, bytes, Math.Max(operations / s_operationsPerMillisecond.Value, bytes / s_bytesPerMillisecond.Value));
    }

    /// <summary>2 for each multiplication and addition of a product.</summary>
    private static double Count(Node node)
    {
        double summed = node.OpType switch
        {
            "MatMul" => Size(node.Inputs[0]!, ^1),
            "Gemm" => Size(node.Inputs[0]!, node.IntAttribute("transA") != 0 ? ^2 : ^1),
            "Conv" => node.Inputs[1]!.Shape!.Aggregate(1.0, (product, size) => product * Number(size)) / Size(node.Inputs[1]!, 0),
            _ => 0,
        };
        return summed == 0 ? 0 : 2 * summed * node.Output.Shape!.Aggregate(1.0, (product, size) => product * Number(size));
    }

    private static double Size(Value value, Index axis) => Number(value.Shape![axis.GetOffset(value.Shape!.Rank)]);

    private static double Number(Dimension dimension) => dimension.TryGetValue(out long size) ? size : throw new NotSupportedException($"a size stays symbolic: {dimension}");

    /// <summary>The least milliseconds of one product in a chain of them.</summary>
    private static double TimeOf(long rows, long size)
    {
        string path = Workspace.File("limit.onnx");
        using (Model model = KernelGraph.Build([rows, size], (graph, x) => graph.Op("MatMul", x, graph.Matrix(size, size))))
            ModelWriter.Write(model, path);
        List<ModelMeasurement> runs = ModelRounds.Run(path, ImmutableSortedDictionary<string, long>.Empty, [new("limit", path, LoadOptimization.All)], rounds: 3, runs: 20)[0];
        Workspace.Delete(path);
        return runs.Minimum() / KernelGraph.Repetitions;
    }
}
