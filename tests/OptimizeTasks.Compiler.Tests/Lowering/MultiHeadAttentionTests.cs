using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Attention that becomes MultiHeadAttention; every model runs before and after.</summary>
public class MultiHeadAttentionTests
{
    private const string Kernel = "MultiHeadAttention";

    private static readonly Dictionary<string, Func<Graph, Value>> s_taken = new()
    {
        ["joined heads"] = g => Joined(g),
        ["other keys than queries"] = g => Joined(g, keys: "k"),
        ["a scale"] = g => Joined(g, attributes: Number("scale", 0.7f)),
        ["values of another width"] = g => Joined(g, valueWidth: 12),
        ["a mask of two axes"] = g => Joined(g, Finite(g, g.NamedInput("mask", "m", "m"))),
        ["a mask of three axes"] = g => Joined(g, Finite(g, g.NamedInput("mask", 2, "m", "m"))),
        ["a mask for every row of the batch"] = g => Joined(g, Finite(g, g.NamedInput("mask", "n", 1, "m", "m"))),
        ["a mask for every head"] = g => Joined(g, Finite(g, g.NamedInput("mask", 1, 2, "m", "m"))),
        ["a mask for other keys"] = g => Joined(g, Finite(g, g.NamedInput("mask", "n", 2, "m", "k")), keys: "k"),
        ["causal"] = g => Joined(g, attributes: Int("is_causal", 1)),
        ["a past"] = g => WithPast(g, "p"),
        ["a past that is empty"] = g => WithPast(g, 0),
        ["a past, causal"] = g => WithPast(g, "p", attributes: Int("is_causal", 1)),
        ["a past and a mask"] = g => WithPast(g, 5, Finite(g, g.NamedInput("mask", "n", 1, 3, 8)), 3),
        ["split heads"] = g => Split(g),
        ["split heads with a mask"] = g => Split(g, Finite(g, g.NamedInput("mask", "m", "m"))),
        ["heads that were brought to the front"] = g => g.Op("Attention", Fronted(g, "q"), Fronted(g, "k"), Fronted(g, "v")),
    };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Reason)> s_left = new()
    {
        ["groups"] = (g => g.Apply("Attention", [Heads(g, "q", 8), Heads(g, "k", 4), Heads(g, "v", 4)], "y", [Int("q_num_heads", 2), Int("kv_num_heads", 1)]), "2 heads of queries for 1"),
        ["a softcap"] = (g => Joined(g, attributes: Number("softcap", 2)), "softcap"),
        ["a mask that allows"] = (g => Joined(g, g.Op("Greater", g.NamedInput("mask", "m", "m"), g.Scalar(0))), "not of floats"),
        ["a mask that may have −∞"] = (g => Joined(g, g.NamedInput("mask", "m", "m")), "may have −∞"),
        ["a mask of another length"] = (g => Joined(g, Finite(g, g.NamedInput("mask", "n", 1, "q", "m"))), "not for every query"),
        ["causal with a mask"] = (g => Joined(g, Finite(g, g.NamedInput("mask", "m", "m")), attributes: Int("is_causal", 1)), "has a mask as well"),
        ["causal with other keys"] = (g => Joined(g, keys: "k", attributes: Int("is_causal", 1)), "is causal, with m queries for k keys"),
        ["keys and values without a past"] = (g => Further(g, Joined(g), 2), "has no past"),
        ["scores as an output"] = (g => Further(g, Joined(g), 3), "gives its scores"),
        ["a past of another width"] = (g => WithPast(g, "p", valueWidth: 12), "equal sizes"),
        ["numbers of another type"] = (g => g.Op("Attention", Double(g, "q"), Double(g, "k"), Double(g, "v")), "no kernel for MultiHeadAttention of Double"),
    };

    private static readonly CompilerOptions s_cuda = new() { Providers = ["Cuda", "Cpu"] };

    public static TheoryData<string> Taken => [.. s_taken.Keys];

    public static TheoryData<string> Left => [.. s_left.Keys];

    [Theory]
    [MemberData(nameof(Taken))]
    public void The_kernel_takes_the_place_of_Attention(string name)
    {
        CompilationResult result = Compile(Model(23, s_taken[name]), s_cuda);

        Assert.Single(result.Model.Graph.Nodes, n => n is { OpType: Kernel, Domain: "com.microsoft" });
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType is "Attention" or "Softmax");
    }

    [Theory]
    [MemberData(nameof(Left))]
    public void What_the_kernel_cannot_do_stays_and_the_report_says_why(string name)
    {
        CompilationResult result = Compile(Model(23, s_left[name].Build), s_cuda);

        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType == Kernel);
        Assert.Contains(s_left[name].Reason, result.NearMisses[Kernel].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_that_were_brought_to_the_front_are_taken_from_before() =>
        Assert.Equal(1, Compile(Model(23, s_taken["heads that were brought to the front"]), s_cuda).Model.Graph.Nodes.Count(n => n.OpType == "Transpose"));

    [Fact]
    public void Halves_have_a_kernel_too()
    {
        CompilationResult result = Compile(Model(23, g => g.Apply("Attention", [Halves(g, "q"), Halves(g, "k"), Halves(g, "v"), g.Op("Max", HalfInput(g, "mask", 1, 1, 3, 3),
            g.AddInitializer("low", Tensor.Create<Half>(ElementType.Float16, [], [Half.MinValue])))], "y", [Int("q_num_heads", 2), Int("kv_num_heads", 2)])), new CompilerOptions { Providers = ["Cuda"] }, 3e-3);

        Assert.Equal(["Max", Kernel], result.Model.Graph.Nodes.Select(n => n.OpType));
    }

    [Theory]
    [InlineData("WebGpu")]
    [InlineData("DirectMl")]
    public void Where_the_kernel_repeats_no_mask_it_is_repeated_for_the_heads(string provider)
    {
        var options = new CompilerOptions { Providers = [provider] };

        Assert.Equal("Max Expand " + Kernel, Operators(Model(23, s_taken["a mask for every row of the batch"]), options));
        Assert.Equal("Max " + Kernel, Operators(Model(23, s_taken["a mask for other keys"]), options));
        Assert.Contains("takes no mask for a whole batch", Refusal(s_taken["a mask for every head"], options), StringComparison.Ordinal);
        Assert.Contains("does not hide the future", Refusal(s_taken["causal"], options), StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_processor_the_standard_Attention_stays() =>
        Assert.Contains("MultiHeadAttention was measured on Cpu: 0.", Refusal(s_taken["joined heads"], new CompilerOptions()), StringComparison.Ordinal);

    private static string Refusal(Func<Graph, Value> build, CompilerOptions options)
    {
        CompilationResult result = Compile(Model(23, build), options);
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.OpType == Kernel);
        return result.NearMisses[Kernel].Reason;
    }

    private static Value Finite(Graph g, Value mask) => g.Op("Max", mask, g.Scalar(-1e30f));

    private static Value Heads(Graph g, string name, long width, object? length = null) => g.NamedInput(name, "n", length ?? "m", width);

    private static Value Joined(Graph g, Value? mask = null, string keys = "m", long valueWidth = 8, params NodeAttribute[] attributes) =>
        g.Apply("Attention", [Heads(g, "q", 8), Heads(g, "key", 8, keys), Heads(g, "v", valueWidth, keys), mask], "y", [.. attributes, Int("q_num_heads", 2), Int("kv_num_heads", 2)]);

    private static Value Split(Graph g, Value? mask = null) =>
        g.Op("Attention", g.NamedInput("q", "n", 2, "m", 4), g.NamedInput("k", "n", 2, "m", 4), g.NamedInput("v", "n", 2, "m", 4), mask);

    /// <summary>Heads that nothing joins again.</summary>
    private static Value Fronted(Graph g, string name) => g.Op("Transpose", IntList("perm", 0, 2, 1, 3), g.NamedInput(name, "n", "m", 2, 4));

    private static Value WithPast(Graph g, object past, Value? mask = null, object? length = null, long valueWidth = 8, params NodeAttribute[] attributes)
    {
        Value attention = g.Apply("Attention",
            [Heads(g, "q", 8, length), Heads(g, "k", 8, length), Heads(g, "v", valueWidth, length), mask, g.NamedInput("past_k", "n", 2, past, 4), g.NamedInput("past_v", "n", 2, past, valueWidth / 2)], "y",
            [.. attributes, Int("q_num_heads", 2), Int("kv_num_heads", 2)]);
        return Further(g, Further(g, attention, 1), 2);
    }

    /// <summary>One more output of the node, which the model gives too.</summary>
    private static Value Further(Graph g, Value attention, int output)
    {
        attention.Producer!.SetOutput(output, g.AddValue(g.UniqueName("further")));
        g.AddOutput(attention.Producer.Outputs[output]!);
        return attention;
    }

    private static Value Double(Graph g, string name) => g.AddInput(name, new TensorType(ElementType.Double, Shape.Of(1, 2, 3, 4)));

    private static Value Halves(Graph g, string name) => HalfInput(g, name, 1, 3, 8);

    private static Value HalfInput(Graph g, string name, params long[] sizes) => g.AddInput(name, new TensorType(ElementType.Float16, Shape.Of(sizes)));
}
