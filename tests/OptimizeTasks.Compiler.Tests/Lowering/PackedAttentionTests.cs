using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

public class PackedAttentionTests
{
    private static readonly Dictionary<string, Func<Graph, Value>> s_packed = new()
    {
        ["with biases"] = g => Attention(g, Source(g), bias: true),
        ["without biases"] = g => Attention(g, Source(g), bias: false),
        ["with a scale"] = g => Attention(g, Source(g), bias: true, attributes: Number("scale", 0.7f)),
        ["causal"] = g => Attention(g, Source(g), bias: true, attributes: Int("is_causal", 1)),
        ["values of another width"] = g => Attention(g, Source(g), bias: true, valueWidth: 12),
        ["a mask of two axes"] = g => Attention(g, Source(g), bias: true, Finite(g, g.NamedInput("mask", "m", "m"))),
        ["a mask of four axes"] = g => Attention(g, Source(g), bias: true, Finite(g, g.NamedInput("mask", "n", 1, "m", "m"))),
        ["a mask for every head"] = g => Attention(g, Source(g), bias: true, Finite(g, g.NamedInput("mask", 1, 2, "m", "m"))),
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_left = new()
    {
        ["keys of another source"] = g => Attention(g, Source(g), bias: true, keys: g.NamedInput("other", "n", "m", 8)),
        ["groups"] = g => g.Apply("Attention", [Linear(g, Source(g), 8, true), Linear(g, g.Inputs[0], 4, true), Linear(g, g.Inputs[0], 4, true)], "y", [Int("q_num_heads", 2), Int("kv_num_heads", 1)]),
        ["a softcap"] = g => Attention(g, Source(g), bias: true, attributes: Number("softcap", 2)),
        ["a mask that allows"] = g => Attention(g, Source(g), bias: true, g.Op("Greater", g.NamedInput("mask", "m", "m"), g.Scalar(0))),
        ["a mask that may have −∞"] = g => Attention(g, Source(g), bias: true, g.NamedInput("mask", "m", "m")),
        ["a projection that goes on"] = g =>
        {
            Value attention = Attention(g, Source(g), bias: true);
            return g.Op("Mul", attention, attention.Producer!.Inputs[0]!);
        },
    };

    private static readonly CompilerOptions s_cuda = new() { Providers = ["Cuda", "Cpu"] };

    public static TheoryData<string> Packed => [.. s_packed.Keys];

    public static TheoryData<string> Left => [.. s_left.Keys];

    [Theory]
    [MemberData(nameof(Packed))]
    public void One_kernel_projects_and_attends(string name)
    {
        CompilationResult result = Compile(Model(23, s_packed[name]), s_cuda);

        Assert.Contains(result.Model.Graph.Nodes, n => n is { OpType: "Attention", Domain: "com.microsoft" });
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType == "MatMul");
    }

    [Theory]
    [MemberData(nameof(Left))]
    public void What_the_kernel_cannot_do_stays(string name) =>
        Assert.DoesNotContain(Compile(Model(23, s_left[name]), s_cuda).Model.Graph.Nodes, n => n is { OpType: "Attention", Domain: "com.microsoft" });

    private static Value Finite(Graph g, Value mask) => g.Op("Max", mask, g.Scalar(-1e30f));

    private static Value Source(Graph g) => g.Input("n", "m", "8");

    private static Value Attention(Graph g, Value x, bool bias, Value? mask = null, Value? keys = null, long valueWidth = 8, params NodeAttribute[] attributes) =>
        g.Apply("Attention", [Linear(g, x, 8, bias), Linear(g, keys ?? x, 8, bias), Linear(g, x, valueWidth, bias), mask], "y", [.. attributes, Int("q_num_heads", 2), Int("kv_num_heads", 2)]);

    private static Value Linear(Graph g, Value x, long width, bool bias)
    {
        string name = g.UniqueName(new string('w', 1 + g.NodeCount));
        Value product = g.Op("MatMul", x, g.Small(name, 8, width));
        return bias ? g.Op("Add", product, g.Small(name + "bias", width)) : product;
    }
}
