using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// What onnxruntime.quantization's <c>quantize_static</c> writes for a convolutional network with its defaults, reproduced:
/// QuantizeLinear and DequantizeLinear around every node, ranges from the least to the greatest number, weights in signed 8
/// bits with one scale for a whole tensor, biases in 32 bits, Relu and Clip left to the range. Activations are unsigned,
/// which is what its documentation recommends for processors like these, and faster.
/// </summary>
internal static class PeerStaticQuantization
{
    private const int GreatestWeight = 127;

    /// <summary>Quantises a model that was fused beforehand, by the samples that ours is calibrated on.</summary>
    public static void Quantize(string from, string to, IModelRunner runner)
    {
        using Model model = ModelReader.Read(from);
        var ranges = Ranges(from, runner);
        new Rewriting(model.Graph, ranges).Apply();
        ModelWriter.Write(model, to);
    }

    private static Dictionary<string, (float Least, float Greatest)> Ranges(string path, IModelRunner runner)
    {
        using Model model = ModelReader.Read(path);
        ShapeInference.Run(model);
        foreach (Value value in model.Graph.Nodes.SelectMany(n => n.Outputs).OfType<Value>().Where(v => v is { IsOutput: false, ElementType: ElementType.Float }).ToArray())
            model.Graph.AddOutput(value);
        string probed = path + ".ranges.onnx";
        ModelWriter.Write(model, probed);
        var ranges = new Dictionary<string, (float Least, float Greatest)>(StringComparer.Ordinal);
        try
        {
            string[] outputs = [.. model.Graph.Outputs.Select(o => o.Name)];
            using IModelSession session = runner.Load(probed, SessionSettings.Unoptimized with { Threads = 0 }, RunLimits.Default, CancellationToken.None);
            foreach (Sample sample in SyntheticSamples.Of(model, new CompilerOptions(), runner).Read(CancellationToken.None))
            {
                foreach ((string name, Tensor tensor) in session.Run(sample.Inputs, outputs, RunLimits.Default, CancellationToken.None).Concat(sample.Inputs))
                    ranges[name] = Widened(ranges.GetValueOrDefault(name), tensor.Read<float>());
            }
        }
        finally
        {
            File.Delete(probed);
        }

        return ranges;
    }

    private static (float Least, float Greatest) Widened((float Least, float Greatest) range, ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
            range = (Math.Min(range.Least, number), Math.Max(range.Greatest, number));
        return range;
    }

    private sealed class Rewriting(Graph graph, Dictionary<string, (float Least, float Greatest)> ranges)
    {
        private readonly Dictionary<Value, Value> _dequantized = [];

        public void Apply()
        {
            foreach (Node node in graph.Nodes.Where(n => n.OpType is "Relu" or "Clip").ToArray())
                LeaveToRange(node);
            foreach (Node node in graph.Nodes.ToArray())
            {
                if (node.OpType is "Conv" or "Gemm")
                    QuantizeWeights(node);
                int activations = node.OpType is "Add" or "Mul" or "Concat" ? node.Inputs.Count : 1;
                for (int i = 0; i < activations; i++)
                    node.SetInput(i, Dequantized(node.Inputs[i]!));
            }

            foreach (Value output in graph.Outputs.ToArray())
            {
                Value dequantized = Dequantized(output);
                graph.Replace(output, dequantized);
                dequantized.Producer!.Inputs[0]!.Producer!.SetInput(0, output);
            }

            foreach (Value value in graph.Initializers.ToArray())
                graph.RemoveIfDead(value);
        }

        private void LeaveToRange(Node node)
        {
            Value before = node.Inputs[0]!;
            if (before is not { Uses.Count: 1, Producer: not null, IsOutput: false })
                return;
            ranges[before.Name] = ranges[node.Output.Name];
            graph.Replace(node.Output, before);
            graph.Remove(node);
        }

        private (float Scale, byte ZeroPoint) ScaleOf(Value value)
        {
            // What moves elements has the scale of its input.
            while (value.Producer is { OpType: "MaxPool" or "Flatten" or "Reshape" } producer)
                value = SourceOf(producer.Inputs[0]!);
            (float least, float greatest) = ranges[value.Name];
            float scale = (greatest - least) / byte.MaxValue;
            return scale == 0 ? (1, (byte)0) : (scale, (byte)Math.Clamp(MathF.Round(-least / scale), 0, byte.MaxValue));
        }

        /// <summary>The value that a pair was put behind.</summary>
        private static Value SourceOf(Value value) =>
            value.Producer is { OpType: "DequantizeLinear" } dequantize ? dequantize.Inputs[0]!.Producer!.Inputs[0]! : value;

        private Value Dequantized(Value value)
        {
            if (_dequantized.TryGetValue(value, out Value? known))
                return known;
            (float scale, byte zeroPoint) = ScaleOf(value);
            Value scaleValue = graph.AddInitializer(value.Name + "_scale", Tensor.OfFloat(scale));
            Value zero = graph.AddInitializer(value.Name + "_zero_point", Tensor.Create<byte>(ElementType.UInt8, [], [zeroPoint]));
            Node? behind = value.Producer is { } producer ? producer.Next : graph.First;
            Value codes = graph.Apply("QuantizeLinear", [value, scaleValue, zero], value.Name + "_codes", before: behind);
            return _dequantized[value] = graph.Apply("DequantizeLinear", [codes, scaleValue, zero], value.Name + "_dequantized", before: behind);
        }

        private void QuantizeWeights(Node node)
        {
            Tensor weight = node.Inputs[1]!.Constant!;
            float[] numbers = weight.Read<float>().ToArray();
            float scale = numbers.Max(Math.Abs) / GreatestWeight;
            Value scaleValue = graph.AddInitializer(node.Inputs[1]!.Name + "_scale", Tensor.OfFloat(scale));
            sbyte[] codes = Array.ConvertAll(numbers, number => (sbyte)Math.Clamp(MathF.Round(number / scale), -GreatestWeight, GreatestWeight));
            Value quantized = graph.AddInitializer(node.Inputs[1]!.Name + "_quantized", Tensor.Create<sbyte>(ElementType.Int8, weight.Dimensions.AsSpan(), codes));
            float unit = ScaleOf(node.Inputs[0]!).Scale * scale;
            node.SetInput(1, graph.Apply("DequantizeLinear", [quantized, scaleValue], quantized.Name + "_dequantized", before: node));
            if (node.Input(2)?.Constant is not { } bias)
                return;
            int[] integers = Array.ConvertAll(bias.Read<float>().ToArray(), number => (int)Math.Round(number / (double)unit));
            Value biasCodes = graph.AddInitializer(node.Inputs[2]!.Name + "_quantized", Tensor.Create<int>(ElementType.Int32, [integers.Length], integers));
            node.SetInput(2, graph.Apply("DequantizeLinear", [biasCodes, graph.AddInitializer(biasCodes.Name + "_scale", Tensor.OfFloat(unit))], biasCodes.Name + "_dequantized", before: node));
        }
    }
}
