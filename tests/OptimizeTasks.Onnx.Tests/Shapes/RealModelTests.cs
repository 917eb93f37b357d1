using OptimizeTasks.Testing;
using Xunit.Abstractions;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Compares what is inferred for real models with what ONNX Runtime computes, for random sizes of the symbols.</summary>
public class RealModelTests(ITestOutputHelper output)
{
    private const int Runs = 3;

    /// <summary>Test data of fusion rules that nobody can run, and why.</summary>
    private static readonly Dictionary<string, string> s_notRunnable = new(StringComparer.Ordinal)
    {
        ["fusion/bitmask_bias_dropout_fusion_basic.onnx"] = "an operator of training",
        ["fusion/bitmask_bias_dropout_fusion_residual.onnx"] = "an operator of training",
        ["fusion/bitmask_dropout_replacement_basic.onnx"] = "an operator of training",
        ["fusion/embed_layer_norm_format2.onnx"] = "an index out of bounds",
        ["fusion/embed_layer_norm_format7_opset13.onnx"] = "an index out of bounds",
        ["fusion/matmul_integer_to_float_large_tensor.onnx"] = "takes gigabytes",
        ["fusion/reshape_fusion_concat_subgraph_mul.onnx"] = "a target of another size",
        ["fusion/reshape_fusion_concat_subgraph_not_triggered.onnx"] = "a target of another size",
        ["fusion/reshape_fusion_multiple_values_in_initializer_tensor_1.onnx"] = "a target of another size",
    };

    /// <summary>How many values have sizes that follow from no shape; all others must be known.</summary>
    private static readonly Dictionary<string, int> s_unknown = new(StringComparer.Ordinal)
    {
        // Whether a dimension is squeezed depends on its size: even the rank is that of one branch or the other.
        ["speech/silero-vad-v5.onnx"] = 4,
    };

    public static TheoryData<string> Models => [.. SharedModels.All];

    [SharedModelTheory]
    [MemberData(nameof(Models))]
    public void Inferred_types_are_those_of_a_run(string name)
    {
        List<string> faults = Check(name, out int unknown);
        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
        Assert.Equal(s_unknown.GetValueOrDefault(name), unknown);
    }

    [SharedModelFact]
    public void Inferred_types_of_small_graphs_are_those_of_a_run()
    {
        var faults = new List<string>();
        foreach (string name in SharedModels.Fusion.Where(n => !s_notRunnable.ContainsKey(n)))
        {
            List<string> found = Check(name, out int unknown);
            if (unknown > 0)
                found.Add($"{unknown} of unknown shape");
            faults.AddRange(found.Select(fault => $"{name}: {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [SharedModelFact]
    public void Fixed_sizes_decide_branches()
    {
        Model model = ModelReader.Read(SharedModels.Path("speech/silero-vad-v5.onnx"));
        model.Graph.Inputs[0].Type = new TensorType(ElementType.Float, Shape.Of(1, 512));
        model.Graph.Inputs[1].Type = new TensorType(ElementType.Float, Shape.Of(2, 1, 128));
        ShapeInference.Run(model);
        // The branch for 16 kHz, to which 512 samples belong: the one for 8 kHz would need 256.
        Node branches = model.Graph.Nodes.Single(n => n.Is("If"));
        Graph branch = ((GraphAttribute)branches.Attribute("then_branch")!).Value;
        Assert.Equal(["[1, 1]", "[2, 1, 128]"], branch.Outputs.Select(o => o.Shape!.ToString()));
    }

    [SharedModelFact]
    public void Graphs_that_cannot_run_are_inferred_too()
    {
        foreach (string name in s_notRunnable.Keys)
            ShapeInference.Run(ModelReader.Read(SharedModels.Path(name)));
    }

    private List<string> Check(string name, out int unknown)
    {
        Model model = ReadWithSymbols(name);
        ShapeFacts facts = ShapeInference.Run(model);
        Value[] unclear = [.. model.Graph.Nodes.SelectMany(n => n.Outputs).OfType<Value>().Where(IsUnclear)];
        unknown = unclear.Length;
        foreach (Value value in unclear)
            output.WriteLine($"{name}: {value.Name} is {value.ElementType}{value.Shape}");
        return Truth.Faults(model, facts, ReadWithSymbols(name), (symbols, random) => Sizes.Draw(name, symbols, random), Runs);
    }

    private static bool IsUnclear(Value value) =>
        value.Type is not TensorType { ElementType: not ElementType.Undefined, Shape: { } shape } || shape.Any(d => !d.IsKnown);

    /// <summary>Gives the unknown sizes of inputs names, so that they can be drawn.</summary>
    private static Model ReadWithSymbols(string name)
    {
        Model model = ModelReader.Read(SharedModels.Path(name));
        foreach (Value input in model.Graph.Inputs)
        {
            if (input.Type is TensorType { Shape: { } shape } type)
                input.Type = type with { Shape = new Shape(shape.Select((d, i) => d.IsUnknown ? Dimension.OfSymbol($"{input.Name}.{i}") : d)) };
        }

        return model;
    }
}
