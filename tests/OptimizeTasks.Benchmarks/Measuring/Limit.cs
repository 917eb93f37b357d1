using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>
/// What no compiler can do without on this machine: the operations of a model's products at the rate of the runtime's own
/// kernel for them, and their weights, once from memory.
/// </summary>
/// <param name="Operations">Multiplications and additions of all products, each counted.</param>
/// <param name="Bytes">Bytes of the weights that products read, as the kernel has them.</param>
/// <param name="Milliseconds">What the slower of the two takes.</param>
internal sealed record Limit(double Operations, double Bytes, double Milliseconds)
{
    /// <summary>The limit of a model on these inputs.</summary>
    /// <param name="path">The model, simplified: its shapes follow from those of the inputs.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="kernel">What multiplies.</param>
    public static Limit Of(string path, IReadOnlyDictionary<string, Tensor> inputs, ProductKernel kernel)
    {
        using Model model = ModelReader.Read(path);
        foreach (Value input in model.Graph.Inputs.Where(i => inputs.ContainsKey(i.Name)))
            input.Type = new TensorType(input.ElementType, Shape.Of([.. inputs[input.Name].Dimensions]));
        ShapeInference.Run(model);
        double operations = model.Graph.AllNodes().Sum(Count);
        double weights = model.Graph.AllNodes().Where(n => n.Is("MatMul") || n.Is("Gemm") || n.Is("Conv")).Select(n => n.Inputs[1]!).Distinct().Sum(w => w.Constant?.ElementCount ?? 0);
        return new Limit(operations, weights * kernel.BytesOfWeight, Math.Max(operations / kernel.OperationsPerMillisecond, weights / kernel.WeightsPerMillisecond));
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
}
