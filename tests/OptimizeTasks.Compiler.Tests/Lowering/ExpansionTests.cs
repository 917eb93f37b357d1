using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Standard operators taken apart for those who have no kernel for them; every case also runs.</summary>
public class ExpansionTests
{
    private static readonly Dictionary<string, Func<Graph, Value>> s_cases = new()
    {
        ["Swish"] = g => g.Op("Swish", g.Input("n", "8")),
        ["Swish with alpha"] = g => g.Op("Swish", Number("alpha", 1.702f), g.Input("n", "8")),
        ["Mish"] = g => g.Op("Mish", g.Input("n", "8")),
        ["RMSNormalization"] = g => g.Op("RMSNormalization", Number("epsilon", 0.01f), g.Input("n", "m", "8"), g.Weight("s", 8)),
        ["RMSNormalization over two axes"] = g => g.Op("RMSNormalization", Int("axis", 1), g.Input("n", "3", "8"), g.Weight("s", 3, 8)),
        ["GroupNormalization"] = g => g.Op("GroupNormalization", Int("num_groups", 2), g.Input("n", "8", "h", "w"), g.Weight("s", 8), g.Weight("bias", 8)),
        ["GroupNormalization with a computed scale"] = g => g.Op("GroupNormalization", Int("num_groups", 4), g.Input("n", "8", "h"), g.NamedInput("s", 8), g.NamedInput("bias", 8)),
        ["Attention of four axes"] = g => g.Op("Attention", Heads(g, "q", 2), Heads(g, "k", 2, "t"), Heads(g, "v", 2, "t")),
        ["Attention of three axes"] = g => Joined(g, 4, 4),
        ["Attention over groups"] = g => Joined(g, 4, 2),
        ["Attention over groups of four axes"] = g => g.Op("Attention", Heads(g, "q", 4), Heads(g, "k", 2), Heads(g, "v", 2)),
        ["Attention with a scale"] = g => Joined(g, 2, 2, Number("scale", 0.3f)),
        ["Attention with a softcap"] = g => Joined(g, 2, 2, Number("softcap", 2)),
        ["causal Attention"] = g => Joined(g, 2, 2, Int("is_causal", 1)),
        ["Attention with a mask to add"] = g => g.Op("Attention", Heads(g, "q", 2), Heads(g, "k", 2), Heads(g, "v", 2), g.NamedInput("mask", "m", "m")),
        ["Attention with a mask that allows"] = g => g.Op("Attention", Heads(g, "q", 2), Heads(g, "k", 2), Heads(g, "v", 2), g.Op("Greater", g.NamedInput("mask", "m", "m"), g.Scalar(0))),
        ["Attention with a past"] = g =>
        {
            Node node = g.AddNode("Attention", [Heads(g, "q", 2), Heads(g, "k", 2), Heads(g, "v", 2), null, Heads(g, "pk", 2, "p"), Heads(g, "pv", 2, "p")]);
            Value result = g.AddValue("y");
            node.SetOutput(0, result);
            node.SetOutput(1, g.AddValue("present_keys"));
            node.SetOutput(2, g.AddValue("present_values"));
            g.AddOutput(node.Outputs[1]!);
            g.AddOutput(node.Outputs[2]!);
            return result;
        },
        ["RotaryEmbedding of four axes"] = g => g.Op("RotaryEmbedding", Heads(g, "x", 2), g.NamedInput("c", "n", "m", 2), g.NamedInput("s", "n", "m", 2)),
        ["RotaryEmbedding of three axes"] = g => g.Op("RotaryEmbedding", Int("num_heads", 2), g.NamedInput("x", "n", "m", 8), g.NamedInput("c", "n", "m", 2), g.NamedInput("s", "n", "m", 2)),
        ["RotaryEmbedding of neighbours"] = g => g.Op("RotaryEmbedding", Int("interleaved", 1), Heads(g, "x", 2), g.NamedInput("c", "n", "m", 2), g.NamedInput("s", "n", "m", 2)),
        ["RotaryEmbedding of a part"] = g => g.Op("RotaryEmbedding", Int("rotary_embedding_dim", 2), Heads(g, "x", 2), g.NamedInput("c", "n", "m", 1), g.NamedInput("s", "n", "m", 1)),
        ["RotaryEmbedding by positions"] = g => g.Op("RotaryEmbedding", Heads(g, "x", 2), g.Weight("c", 5, 2), g.Weight("si", 5, 2), g.AddInput("positions", new TensorType(ElementType.Int64, Symbols("n", "m")))),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_target_without_a_kernel_gets_plain_operators(string name)
    {
        string canonical = name.Split(' ').First(word => char.IsUpper(word[0]));
        string[] expanded = Operators(Model(24, s_cases[name]), new CompilerOptions { Providers = ["TensorRt", "Cpu"] }).Split(' ');

        Assert.DoesNotContain(canonical, expanded);
    }

    [Theory]
    [InlineData("HardSwish", 13)]
    [InlineData("Gelu", 19)]
    [InlineData("LayerNormalization", 16)]
    public void A_cap_on_the_operator_set_gets_them_too(string canonical, int opset)
    {
        Value Build(Graph g) => canonical == "LayerNormalization"
            ? g.Op(canonical, g.Input("n", "m", "8"), g.Weight("s", 8), g.Weight("bias", 8)) : g.Op(canonical, g.Input("n", "m", "8"));
        CompilationResult result = Compile(Model(22, Build), new CompilerOptions { Opset = opset });

        Assert.InRange(result.Model.Opset, 7, opset);
    }

    [Fact]
    public void The_approximated_Gelu_is_expanded_as_itself() =>
        Assert.Contains("Tanh", Operators(Model(22, g => g.Op("Gelu", Text("approximate", "tanh"), g.Input("n", "8"))), new CompilerOptions { Opset = 19 }), StringComparison.Ordinal);

    [Fact]
    public void A_query_without_keys_gets_nothing_as_from_the_kernel()
    {
        Value Build(Graph g) => g.Op("Attention", Heads(g, "q", 2), Heads(g, "k", 2), Heads(g, "v", 2), g.Op("Greater", g.NamedInput("mask", "m", "m"), g.Scalar(5)));
        Assert.DoesNotContain("Attention", Operators(Model(24, Build), new CompilerOptions { Providers = ["Qnn"] }).Split(' '));
    }

    [Fact]
    public void What_cannot_be_expanded_stays_and_the_report_says_why()
    {
        CompilationResult result = Compile(Model(24, g =>
        {
            Node node = g.AddNode("Attention", [Heads(g, "q", 2), Heads(g, "k", 2), Heads(g, "v", 2)]);
            node.SetOutput(0, g.AddValue("y"));
            node.SetOutput(3, g.AddValue("scores"));
            g.AddOutput(node.Outputs[3]!);
            return node.Output;
        }), new CompilerOptions { Providers = ["TensorRt"] });

        Assert.Contains("the scores are used as well", result.NearMisses["AttentionExpansion"].Reason, StringComparison.Ordinal);
    }

    private static Value Heads(Graph g, string name, long heads, string sequence = "m") => g.NamedInput(name, "n", heads, sequence, 4);

    private static Value Joined(Graph g, long heads, long groups, params NodeAttribute[] attributes) =>
        g.Apply("Attention", [g.NamedInput("q", "n", "m", heads * 4), g.NamedInput("k", "n", "m", groups * 4), g.NamedInput("v", "n", "m", groups * 4)], "y",
            [.. attributes, Int("q_num_heads", heads), Int("kv_num_heads", groups)]);

    private static Shape Symbols(params string[] symbols) => new(symbols.Select(Dimension.OfSymbol));
}
