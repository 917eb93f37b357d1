using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// What onnxruntime.quantization's <c>quantize_dynamic</c> writes with its defaults: weights in signed 8 bits with one scale
/// for a whole tensor, activations quantised in the graph, products of integers, and multiplications by the scales, which
/// ONNX Runtime fuses when it loads the model; tables in 8 bits as well, and Attention with packed projections as QAttention.
/// </summary>
internal static class PeerQuantization
{
    private const int GreatestCode = 127;
    private const string Contrib = "com.microsoft";

    /// <summary>Quantises a model that was fused beforehand.</summary>
    public static void Quantize(string from, string to)
    {
        using Model model = ModelReader.Read(from);
        Graph graph = model.Graph;
        var activations = new Dictionary<Value, Value[]>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Is("MatMul") && IsMatrix(node.Inputs[1]))
                QuantizeProduct(graph, node, isTransposed: false, activations);
            else if (node.Is("Gemm") && IsMatrix(node.Inputs[1]))
                QuantizeProduct(graph, node, node.IntAttribute("transB") != 0, activations);
            else if (node is { OpType: "Attention", Domain: Contrib } && IsMatrix(node.Inputs[1]))
                QuantizeAttention(graph, node, activations);
            else if (node.Is("Gather") && IsMatrix(node.Inputs[0]))
                QuantizeTable(graph, node);
        }

        foreach (Value value in graph.Initializers.ToArray())
            graph.RemoveIfDead(value);
        ModelWriter.Write(model, to, new WriteOptions { ExternalData = true });
    }

    private static bool IsMatrix(Value? value) => value?.Constant is { Rank: 2, ElementType: ElementType.Float };

    private static void QuantizeProduct(Graph graph, Node node, bool isTransposed, Dictionary<Value, Value[]> activations)
    {
        Value[] quantized = Activations(graph, node, activations);
        (Value codes, Value scale, Value zeroPoint) = Weights(graph, node.Inputs[1]!, isTransposed);
        Value product = graph.Apply("MatMulInteger", [quantized[0], codes, quantized[2], zeroPoint], "product", before: node);
        Value number = graph.Apply("Cast", [product], "number", [new IntAttribute("to", (long)ElementType.Float)], before: node);
        Value scales = graph.Apply("Mul", [quantized[1], scale], "scales", before: node);
        Value result = graph.Apply("Mul", [number, scales], "scaled", before: node);
        if (node.Is("Gemm") && node.Input(2) is { } bias)
            result = graph.Apply("Add", [result, bias], "biased", before: node);
        graph.Replace(node.Output, result);
        graph.Remove(node);
    }

    /// <summary>The kernel takes the packed weights, and the mask as it was.</summary>
    private static void QuantizeAttention(Graph graph, Node node, Dictionary<Value, Value[]> activations)
    {
        Value[] quantized = Activations(graph, node, activations);
        (Value codes, Value scale, Value zeroPoint) = Weights(graph, node.Inputs[1]!, isTransposed: false);
        Value result = graph.Apply(
            "QAttention",
            [quantized[0], codes, node.Inputs[2], quantized[1], scale, node.Input(3), quantized[2], zeroPoint],
            "attention",
            node.Attributes.Where(attribute => attribute.Name is "num_heads" or "unidirectional" or "scale"),
            Contrib,
            before: node);
        graph.Replace(node.Output, result);
        graph.Remove(node);
    }

    /// <summary>The codes, scale and zero point of a node's first input.</summary>
    private static Value[] Activations(Graph graph, Node node, Dictionary<Value, Value[]> activations)
    {
        Value input = node.Inputs[0]!;
        if (activations.TryGetValue(input, out Value[]? known))
            return known;
        Node quantize = graph.AddNode("DynamicQuantizeLinear", [input], before: node);
        Value[] quantized = [.. Enumerable.Range(0, 3).Select(_ => graph.AddValue(graph.UniqueName($"{input.Name}_quantized")))];
        for (int i = 0; i < quantized.Length; i++)
            quantize.SetOutput(i, quantized[i]);
        activations.Add(input, quantized);
        return quantized;
    }

    private static void QuantizeTable(Graph graph, Node node)
    {
        (Value codes, Value scale, Value zeroPoint) = Weights(graph, node.Inputs[0]!, isTransposed: false);
        Value rows = graph.Apply("Gather", [codes, node.Inputs[1]], "rows", node.Attributes, before: node);
        Value result = graph.Apply("DequantizeLinear", [rows, scale, zeroPoint], "numbers", before: node);
        graph.Replace(node.Output, result);
        graph.Remove(node);
    }

    private static (Value Codes, Value Scale, Value ZeroPoint) Weights(Graph graph, Value weight, bool isTransposed)
    {
        Tensor tensor = weight.Constant!;
        ReadOnlySpan<float> numbers = tensor.Read<float>();
        float peak = 0;
        foreach (float number in numbers)
            peak = Math.Max(peak, Math.Abs(number));
        (int rows, int columns) = ((int)tensor.Dimensions[0], (int)tensor.Dimensions[1]);
        float scale = peak / GreatestCode;
        var codes = new sbyte[numbers.Length];
        for (int i = 0; i < codes.Length; i++)
            codes[isTransposed ? (i % columns * rows) + (i / columns) : i] = (sbyte)Math.Clamp(MathF.Round(numbers[i] / scale), -GreatestCode, GreatestCode);
        return (
            graph.AddInitializer(weight.Name + "_quantized", Tensor.Create<sbyte>(ElementType.Int8, isTransposed ? [columns, rows] : [rows, columns], codes)),
            graph.AddInitializer(weight.Name + "_scale", Tensor.OfFloat(scale)),
            graph.AddInitializer(weight.Name + "_zero_point", Tensor.Create<sbyte>(ElementType.Int8, [], [0])));
    }
}
