using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class NormalizationTests
{
    private const float Epsilon = 1e-5f;

    private static readonly Dictionary<string, Func<Graph, Value>> s_layer = new()
    {
        ["PyTorch's, with scale and bias"] = g => Torch(g, g.Input("batch", "tokens", "8")),
        ["the square as a product"] = g => Torch(g, g.Input("batch", "tokens", "8"), square: d => g.Op("Mul", d, d)),
        ["scale and bias as first operands"] = g => g.Op("Add", g.Weight("bias", 8), g.Op("Mul", g.Weight("scale", 8), Normalized(g, g.Input(2, 3, 8)))),
        ["a scale alone"] = g => g.Op("Mul", Normalized(g, g.Input(2, 3, 8)), g.Weight("scale", 8)),
        ["neither scale nor bias"] = g => Normalized(g, g.Input(2, 3, 8)),
        ["a scale with sizes of 1 in front"] = g => g.Op("Mul", Normalized(g, g.Input(2, 3, 8)), g.Weight("scale", 1, 1, 8)),
        ["two axes"] = g => g.Op("Add", g.Op("Mul", Normalized(g, g.Input(2, 3, 8), -2, -1), g.Weight("scale", 3, 8)), g.Weight("bias", 3, 8)),
        ["times the reciprocal of the root"] = g =>
        {
            (Value centred, Value variance) = Centred(g, g.Input(2, 3, 8));
            Value root = g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon)));
            return g.Op("Add", g.Op("Mul", g.Op("Mul", g.Op("Reciprocal", root), centred), g.Weight("scale", 8)), g.Weight("bias", 8));
        },
        ["to the power −½"] = g =>
        {
            (Value centred, Value variance) = Centred(g, g.Input(2, 3, 8));
            return g.Op("Mul", centred, g.Op("Pow", g.Op("Add", variance, g.Scalar(Epsilon)), g.Scalar(-0.5f)));
        },
        ["TensorFlow's"] = g =>
        {
            Value x = g.Input(2, 3, 8);
            (Value centred, Value variance) = Centred(g, x);
            Value factor = g.Op("Mul", g.Op("Reciprocal", g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon)))), g.Weight("scale", 8));
            return g.Op("Add", g.Op("Mul", x, factor), g.Op("Sub", g.Weight("bias", 8), g.Op("Mul", centred.Producer!.Inputs[1], factor)));
        },
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_notLayer = new()
    {
        ["the mean is over a first axis"] = g => Normalized(g, g.Input(2, 3, 8), 1),
        ["mean and variance are over different axes"] = g =>
        {
            Value x = g.Input(2, 3, 8);
            Value centred = g.Op("Sub", x, g.Mean(x, -1));
            Value variance = g.Mean(g.Op("Mul", centred, centred), -2, -1);
            return g.Op("Div", centred, g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon))));
        },
        ["the centred value is an output"] = g =>
        {
            Value result = Normalized(g, g.Input(2, 3, 8));
            g.AddOutput(result.Producer!.Inputs[0]!);
            return result;
        },
        ["the variance is used elsewhere"] = g =>
        {
            (Value centred, Value variance) = Centred(g, g.Input(2, 3, 8));
            return g.Op("Add", g.Op("Div", centred, g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon)))), variance);
        },
        ["epsilon is no constant"] = g =>
        {
            (Value centred, Value variance) = Centred(g, g.Input(2, 3, 8));
            return g.Op("Div", centred, g.Op("Sqrt", g.Op("Add", variance, g.AddInput("e", new TensorType(ElementType.Float, Shape.Of(1))))));
        },
        ["the last size is not known"] = g => Normalized(g, g.Input("2", "3", "size")),
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_rms = new()
    {
        ["Llama's"] = g => Rms(g, g.Input("batch", "tokens", "8")),
        ["divided by the root"] = g =>
        {
            Value x = g.Input(2, 3, 8);
            return g.Op("Mul", g.Op("Div", x, Root(g, x)), g.Weight("scale", 8));
        },
        ["without a scale"] = g =>
        {
            Value x = g.Input(2, 3, 8);
            return g.Op("Div", x, Root(g, x));
        },
    };

    public static TheoryData<string> Layer => [.. s_layer.Keys];

    public static TheoryData<string> NotLayer => [.. s_notLayer.Keys];

    public static TheoryData<string> RootMeanSquare => [.. s_rms.Keys];

    [Theory]
    [MemberData(nameof(Layer))]
    public void A_spelled_out_layer_normalization_is_one_node(string name) =>
        Assert.Equal("LayerNormalization", Operators(Model(18, s_layer[name]), Spelling.StandardOperators));

    [Theory]
    [MemberData(nameof(NotLayer))]
    public void What_only_resembles_one_stays(string name) => Assert.DoesNotContain("LayerNormalization", Operators(Model(18, s_notLayer[name])), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(RootMeanSquare))]
    public void A_spelled_out_root_mean_square_normalization_is_one_node(string name) =>
        Assert.Equal("RMSNormalization", Operators(Model(18, s_rms[name])));

    [Theory]
    [InlineData("LayerNormalization", true, ElementType.Float16)]
    [InlineData("LayerNormalization", false, ElementType.Float16)]
    [InlineData("RMSNormalization", false, ElementType.Float16)]
    public void Casts_to_float32_around_a_normalization_go(string opType, bool hasBias, ElementType type)
    {
        CompilationResult result = Compile(Model(18, g => Widened(g, type, type, opType == "RMSNormalization", hasBias)), tolerance: 2e-3);
        Assert.Equal([opType], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal(type, result.Model.Graph.Nodes.First().Inputs[0]!.ElementType);
    }

    [Fact]
    public void What_another_type_is_made_of_is_normalized_in_float32()
    {
        CompilationResult result = Compile(Model(18, g => Widened(g, ElementType.Double, ElementType.Float16, isRootMeanSquare: true, hasBias: false)), tolerance: 2e-3);
        Assert.Equal(ElementType.Float, result.Model.Graph.Nodes.Single(n => n.Is("RMSNormalization")).Inputs[0]!.ElementType);
    }

    [Fact]
    public void A_scale_of_one_plus_a_weight_is_one_scale() => Assert.Equal("RMSNormalization", Operators(Model(18, g =>
    {
        Value x = g.Input(2, 3, 8);
        return g.Op("Mul", g.Op("Mul", x, g.Op("Div", g.Scalar(1), Root(g, x))), g.Op("Add", g.Scalar(1), g.Weight("weight", 8)));
    })));

    [Fact]
    public void An_axis_that_was_last_before_a_transpose_is_last_again() => Assert.Equal("LayerNormalization", Operators(Model(18, g =>
    {
        Value x = g.Op("Transpose", IntList("perm", 0, 3, 1, 2), g.Input("batch", "4", "5", "8"));
        Value centred = g.Op("Sub", x, g.Mean(x, 1));
        Value root = g.Op("Sqrt", g.Op("Add", g.Mean(g.Op("Pow", centred, g.Scalar(2)), 1), g.Scalar(Epsilon)));
        Value scaled = g.Op("Mul", g.Op("Div", centred, root), g.Weight("scale", 8, 1, 1));
        return g.Op("Transpose", IntList("perm", 0, 2, 3, 1), g.Op("Add", scaled, g.Weight("bias", 8, 1, 1)));
    }), Spelling.StandardOperators));

    [Theory]
    [InlineData("Cuda", 1, 1, "GroupNormalization")]
    [InlineData("Cpu", 1, 1, "InstanceNormalization")]
    [InlineData("Cuda", 4, 1, "InstanceNormalization")]
    [InlineData("Cuda", 1, 2, "InstanceNormalization")]
    public void An_instance_normalization_of_groups_is_one_node_where_that_gains(string provider, long height, float ones, string expected)
    {
        string operators = Operators(Model(18, g =>
        {
            Value x = g.Input("batch", "6", "4", "5");
            Value groups = g.Op("Reshape", x, g.Ints(0, 3, -1));
            Value normalized = g.Op("InstanceNormalization", Number("epsilon", 1e-3f), groups, g.Floats(ones, ones, ones), g.Floats(0, 0, 0));
            Value back = g.Op("Reshape", normalized, g.Op("Shape", x));
            return g.Op("Add", g.Op("Mul", back, g.Weight("scale", 6, height, 1)), g.Weight("shift", 6, 1, 1));
        }), new CompilerOptions { Providers = [provider] });
        Assert.Contains(expected, operators, StringComparison.Ordinal);
        Assert.Equal(expected == operators, expected == "GroupNormalization");
    }

    [Fact]
    public void A_scale_per_token_stays_a_product()
    {
        string operators = Operators(Model(18, g => g.Op("Mul", Normalized(g, g.Input(2, 3, 8)), g.Weight("scale", 3, 1))), Spelling.StandardOperators);
        Assert.Equal("LayerNormalization Mul", operators);
    }

    [Fact]
    public void The_node_says_what_it_came_from()
    {
        CompilationResult result = Compile(Model(18, g => Torch(g, g.Input(2, 3, 8))), Spelling.StandardOperators);
        Assert.Contains("Sqrt", Assert.Single(result.Model.Graph.Nodes).Provenance);
    }

    [Fact]
    public void A_near_miss_names_the_value_in_the_way()
    {
        CompilationResult result = Compile(Model(18, s_notLayer["the variance is used elsewhere"]));
        NearMiss miss = result.NearMisses["LayerNormalization"];
        Assert.Contains("is used by", miss.Reason, StringComparison.Ordinal);
        Assert.True(miss.MatchedNodes >= 5, $"{miss}");
    }

    [Fact]
    public void A_disabled_rule_leaves_the_formula()
    {
        var options = new CompilerOptions { DisabledPasses = ["RaiseNormalization"] };
        Assert.Contains("Sqrt", Operators(Model(18, g => Torch(g, g.Input(2, 3, 8))), options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WebGpu", null)]
    [InlineData("Cpu", 22)]
    public void An_operator_that_the_target_lacks_is_not_written(string provider, int? opset)
    {
        var options = new CompilerOptions { Providers = [provider, "Cpu"], Opset = opset, Engine = Engine.Portable };
        Assert.DoesNotContain("RMSNormalization", Operators(Model(18, g => Rms(g, g.Input(2, 3, 8))), options), StringComparison.Ordinal);
        Assert.Equal("LayerNormalization", Operators(Model(18, g => Torch(g, g.Input(2, 3, 8))), options));
    }

    private static (Value Centred, Value Variance) Centred(Graph g, Value x, Func<Value, Value>? square = null, params long[] axes)
    {
        Value centred = g.Op("Sub", x, g.Mean(x, axes));
        return (centred, g.Mean(square is null ? g.Op("Pow", centred, g.Scalar(2)) : square(centred), axes));
    }

    private static Value Normalized(Graph g, Value x, params long[] axes)
    {
        (Value centred, Value variance) = Centred(g, x, null, axes);
        return g.Op("Div", centred, g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon))));
    }

    private static Value Torch(Graph g, Value x, Func<Value, Value>? square = null)
    {
        (Value centred, Value variance) = Centred(g, x, square);
        Value normalized = g.Op("Div", centred, g.Op("Sqrt", g.Op("Add", variance, g.Scalar(Epsilon))));
        return g.Op("Add", g.Op("Mul", normalized, g.Weight("scale", 8)), g.Weight("bias", 8));
    }

    private static Value Root(Graph g, Value x) => g.Op("Sqrt", g.Op("Add", g.Mean(g.Op("Pow", x, g.Scalar(2))), g.Scalar(Epsilon)));

    private static Value Rms(Graph g, Value x) =>
        g.Op("Mul", g.Weight("scale", 8), g.Op("Mul", x, g.Op("Div", g.Scalar(1), Root(g, x))));

    /// <summary>A normalisation in float32 of something else, scaled in the type of the result.</summary>
    private static Value Widened(Graph g, ElementType from, ElementType to, bool isRootMeanSquare, bool hasBias)
    {
        Value x = g.Op("Cast", Int("to", (long)ElementType.Float), g.AddInput("x", new TensorType(from, Shape.Of(2, 3, 8))));
        Value normalized = isRootMeanSquare ? g.Op("Mul", x, g.Op("Div", g.Scalar(1), Root(g, x))) : Normalized(g, x);
        Value scaled = g.Op("Mul", g.Op("Cast", Int("to", (long)to), normalized), Halves(g, "scale"));
        return hasBias ? g.Op("Add", scaled, Halves(g, "bias")) : scaled;
    }

    private static Value Halves(Graph g, string name) =>
        g.AddInitializer(name, Tensor.Create<Half>(ElementType.Float16, [8], [.. Enumerable.Range(1, 8).Select(i => (Half)(i / 8f))]));
}
