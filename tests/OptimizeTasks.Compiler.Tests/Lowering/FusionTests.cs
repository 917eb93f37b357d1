using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Standard operators that kernels of ONNX Runtime's own take the place of.</summary>
public class FusionTests
{
    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators)> s_fused = new()
    {
        ["a skip connection before LayerNormalization"] = (g => Layer(g, g.Op("Add", Skip(g), Branch(g))), "Relu SkipLayerNormalization"),
        ["its operands exchanged"] = (g => Layer(g, g.Op("Add", Branch(g), Skip(g))), "Relu SkipLayerNormalization"),
        ["with the bias of the branch"] = (g => Layer(g, g.Op("Add", Skip(g), g.Op("Add", Branch(g), g.Weight("b", 8)))), "Relu SkipLayerNormalization"),
        ["with the bias as first operand"] = (g => Layer(g, g.Op("Add", g.Op("Add", g.Weight("b", 8), Branch(g)), Skip(g))), "Relu SkipLayerNormalization"),
        ["two axes"] = (g => Layer(g, g.Op("Add", g.Input(3, 8), g.NamedInput("y", 3, 8))), "SkipLayerNormalization"),
        ["four axes"] = (g => Layer(g, g.Op("Add", g.Input("n", "2", "3", "8"), g.NamedInput("y", "n", 2, 3, 8))), "Reshape Reshape SkipLayerNormalization Reshape"),
        ["one skip for a batch"] = (g => Layer(g, g.Op("Add", g.Input(2, 3, 8), g.NamedInput("y", 1, 3, 8))), "SkipLayerNormalization"),
        ["one skip without a batch, first"] = (g => Layer(g, g.Op("Add", g.Weight("y", 3, 8), g.Input("batch", "3", "8"))), "SkipLayerNormalization"),
        ["the first rows of a table"] = (g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            return Layer(g, g.Op("Add", x, g.Op("Slice", g.Weight("table", 1, 5, 8), g.Ints(0), g.Apply("Shape", [x], "tokens", [Int("start", 1), Int("end", 2)]), g.Ints(1))));
        }, "Shape Slice SkipLayerNormalization"),
        ["the sum goes on"] = (g =>
        {
            Value sum = g.Op("Add", Skip(g), Branch(g));
            return g.Op("Mul", Layer(g, sum), sum);
        }, "Relu SkipLayerNormalization Mul"),
        ["the sum is an output"] = (g =>
        {
            Value sum = g.Op("Add", Skip(g), Branch(g));
            g.AddOutput(sum);
            return Layer(g, sum);
        }, "Relu SkipLayerNormalization"),
        ["the sum with its bias goes on"] = (g =>
        {
            Value sum = g.Op("Add", Skip(g), g.Op("Add", Branch(g), g.Weight("b", 8)));
            return g.Op("Mul", sum, Layer(g, sum));
        }, "Relu SkipLayerNormalization Mul"),
        ["the branch with its bias goes on"] = (g =>
        {
            Value branch = g.Op("Add", Branch(g), g.Weight("b", 8));
            return g.Op("Mul", branch, Layer(g, g.Op("Add", Skip(g), branch)));
        }, "Relu Add SkipLayerNormalization Mul"),
        ["a skip connection before RMSNormalization"] = (g => Rms(g, g.Op("Add", Skip(g), Branch(g))), "Relu SkipSimplifiedLayerNormalization"),
        ["the same with a sum that goes on"] = (g =>
        {
            Value sum = g.Op("Add", Skip(g), Branch(g));
            return g.Op("Add", sum, g.Op("Relu", Rms(g, sum)));
        }, "Relu SkipSimplifiedLayerNormalization Relu Add"),
        ["a bias before Gelu"] = (g => g.Op("Gelu", g.Op("Add", g.Input("batch", "8"), g.Weight("b", 8))), "BiasGelu"),
        ["a bias before an approximated Gelu"] = (g => g.Op("Gelu", Text("approximate", "tanh"), g.Op("Add", g.Weight("b", 8), g.Input("batch", "8"))), "FastGelu"),
        ["Swish"] = (g => g.Op("Swish", Number("alpha", 1.702f), g.Input("batch", "8")), "QuickGelu"),
    };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators)> s_left = new()
    {
        ["four axes, several of unknown size"] = (g => Layer(g, g.Op("Add", g.Input("n", "h", "w", "8"), g.NamedInput("y", "n", "h", "w", 8))), "Add LayerNormalization"),
        ["a skip for each row of a batch"] = (g => Layer(g, g.Op("Add", g.Input(2, 3, 8), g.NamedInput("y", 2, 1, 8))), "Add LayerNormalization"),
        ["both are broadcast"] = (g => Layer(g, g.Op("Add", g.Input(2, 1, 8), g.NamedInput("y", 1, 3, 8))), "Add LayerNormalization"),
        ["one skip whose tokens may be one"] = (g => Layer(g, g.Op("Add", g.Input("n", "m", "8"), g.NamedInput("y", 1, "k", 8))), "Add LayerNormalization"),
        ["sizes that may differ"] = (g => Layer(g, g.Op("Add", g.Input("n", "m", "8"), g.NamedInput("y", "n", "k", 8))), "Add LayerNormalization"),
        ["normalised over two axes"] = (g => g.Op("LayerNormalization", Int("axis", -2), g.Op("Add", g.Input(2, 3, 8), g.NamedInput("y", 2, 3, 8)), g.Weight("s", 3, 8)), "Add LayerNormalization"),
        ["a bias of one number"] = (g => g.Op("Gelu", g.Op("Add", g.Input("batch", "8"), g.Weight("b", 1))), "Add Gelu"),
        ["a bias that is computed"] = (g => g.Op("Gelu", g.Op("Add", g.Input("batch", "8"), g.NamedInput("b", 8))), "Add Gelu"),
        ["the sum before Gelu goes on"] = (g =>
        {
            Value sum = g.Op("Add", g.Input("batch", "8"), g.Weight("b", 8));
            return g.Op("Mul", sum, g.Op("Gelu", sum));
        }, "Add Gelu Mul"),
        ["a Gelu without bias"] = (g => g.Op("Gelu", g.Input("batch", "8")), "Gelu"),
    };

    private static readonly CompilerOptions s_cuda = new() { Providers = ["Cuda", "Cpu"] };

    public static TheoryData<string> Fused => [.. s_fused.Keys];

    public static TheoryData<string> Left => [.. s_left.Keys];

    [Theory]
    [MemberData(nameof(Fused))]
    public void Kernels_take_the_place_of_what_they_compute(string name) => Assert.Equal(s_fused[name].Operators, Operators(Model(24, s_fused[name].Build), s_cuda));

    [Theory]
    [MemberData(nameof(Left))]
    public void What_no_kernel_computes_stays(string name) => Assert.Equal(s_left[name].Operators, Operators(Model(23, s_left[name].Build), s_cuda));

    [Theory]
    [InlineData("n", "4", "8")]
    [InlineData("n", "4", "4", "8")]
    [InlineData("n", "8")]
    public void On_the_processor_a_normalization_alone_is_that_of_a_sum_with_zeros(params string[] sizes)
    {
        string[] operators = Operators(Model(17, g => Layer(g, g.Input(sizes)))).Split(' ');

        Assert.Contains("SkipLayerNormalization", operators);
        Assert.DoesNotContain("LayerNormalization", operators);
    }

    [Fact]
    public void A_normalization_of_several_unknown_sizes_stays() =>
        Assert.Equal("LayerNormalization", Operators(Model(17, g => Layer(g, g.Input("n", "m", "8")))));

    [Fact]
    public void One_skip_for_a_batch_stays_where_the_kernel_is_not_known_to_repeat_it()
    {
        var options = new CompilerOptions { Providers = ["WebGpu", "Cpu"] };
        Assert.Equal("Add LayerNormalization", Operators(Model(23, g => Layer(g, g.Op("Add", g.Input(2, 3, 8), g.NamedInput("y", 1, 3, 8)))), options));
    }

    [Fact]
    public void A_kernel_that_is_slower_is_not_chosen_here_nor_when_the_model_is_loaded()
    {
        Model model = Model(23, g => g.Op("Gelu", g.Op("Add", g.Input("batch", "8"), g.Weight("b", 8))));

        CompilationResult result = Compile(model);
        Assert.Equal(["Add", "Gelu"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Contains("BiasGelu was measured on Cpu: 0.", result.NearMisses["BiasGelu"].Reason, StringComparison.Ordinal);
        Assert.Equal(["BiasGelu"], Loaded(Compile(model, new CompilerOptions { Engine = Engine.Portable }).Model));
        Assert.Equal(["Add", "Gelu"], Loaded(result.Model));
    }

    [Fact]
    public void A_bias_of_a_vector_keeps_its_axis() =>
        Assert.Equal(1, Compile(Model(23, g => g.Op("Gelu", g.Op("Add", g.Input(8), g.Weight("b", 8))))).Model.Graph.Initializers.Single().Constant!.Rank);

    [Fact]
    public void A_type_without_a_kernel_stays_and_the_report_says_so()
    {
        CompilationResult result = Compile(Model(23, g => g.Op("Gelu", Text("approximate", "tanh"), g.Op("Add", g.AddInput("x", new TensorType(ElementType.Double, Shape.Of(2, 2))),
            g.AddInitializer("b", Tensor.Create<double>(ElementType.Double, [2], [1, 2]))))));

        Assert.Equal(["Add", "Gelu"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Contains("Cpu has no kernel for FastGelu of Double", result.NearMisses["FastGelu"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Portable_models_have_standard_operators_alone()
    {
        foreach ((string name, (Func<Graph, Value> build, _)) in s_fused)
        {
            CompilationResult result = Compile(Model(24, build), new CompilerOptions { Engine = Engine.Portable });
            Assert.True(result.Model.Graph.AllNodes().All(n => n.Domain.Length == 0), name);
            Assert.Equal([""], result.Model.Opsets.Keys);
        }
    }

    /// <summary>The operators that ONNX Runtime makes of a model when it loads it.</summary>
    private static string[] Loaded(Model model)
    {
        using var folder = new TemporaryFolder();
        string path = folder["loaded.onnx"];
        using (var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED, OptimizedModelFilePath = path })
        using (new InferenceSession(ModelWriter.ToBytes(model), options))
        {
        }

        using Model loaded = ModelReader.Read(path);
        return [.. loaded.Graph.Nodes.Select(n => n.OpType)];
    }

    private static Value Skip(Graph g) => g.Input("batch", "tokens", "8");

    private static Value Branch(Graph g) => g.Op("Relu", g.NamedInput("y", "batch", "tokens", 8));

    private static Value Layer(Graph g, Value x) => g.Op("LayerNormalization", Number("epsilon", 0.01f), x, g.Weight("scale", 8), g.Weight("bias", 8));

    private static Value Rms(Graph g, Value x) => g.Op("RMSNormalization", Number("epsilon", 0.01f), x, g.Weight("scale", 8));
}
