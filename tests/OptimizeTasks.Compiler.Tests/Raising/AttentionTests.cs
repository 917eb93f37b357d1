using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class AttentionTests
{
    private const long Heads = 2;
    private const long Size = 4;
    private const long Width = Heads * Size;
    private static readonly float s_root = MathF.Sqrt(Size);

    private static readonly Dictionary<string, Func<Graph, Value>> s_raised = new()
    {
        ["scores divided"] = g => Attend(g, scale: s => g.Op("Div", s, g.Scalar(s_root))),
        ["scores multiplied"] = g => Attend(g, scale: s => g.Op("Mul", s, g.Scalar(1 / s_root))),
        ["no scale"] = g => Attend(g),
        ["queries scaled"] = g => Attend(g, queries: q => g.Op("Mul", q, g.Scalar(1 / s_root))),
        ["queries and keys scaled"] = g => Attend(g, queries: q => g.Op("Mul", q, g.Scalar(0.7071f)), keys: k => g.Op("Div", k, g.Scalar(1.4142f))),
        ["a mask added"] = g => Attend(g, mask: s => g.Op("Add", s, Padding(g, -1e4f))),
        ["a mask added in front"] = g => Attend(g, mask: s => g.Op("Add", Padding(g, -1e4f), s)),
        ["a mask of the lowest number"] = g => Attend(g, mask: s => g.Op("Add", s, Padding(g, float.MinValue))),
        ["a causal choice"] = g => Attend(g, mask: s => g.Op("Where", Causal(g), s, g.Scalar(-1e4f))),
        ["a choice of what is forbidden"] = g => Attend(g, mask: s => g.Op("Where", g.Op("Not", Causal(g)), g.Scalar(float.NegativeInfinity), s)),
        ["a choice and an added mask"] = g => Attend(g, mask: s => g.Op("Add", g.Op("Where", Causal(g), s, g.Scalar(float.MinValue)), Padding(g, -1e4f))),
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_kept = new()
    {
        ["the weights are an output"] = g =>
        {
            Value result = Attend(g);
            g.AddOutput(g.Nodes.First(n => n.Is("Softmax")).Output);
            return result;
        },
        ["Softmax is over the queries"] = g => Attend(g, axis: 2),
        ["the scores are used elsewhere"] = g =>
        {
            Value result = Attend(g);
            return g.Op("Add", result, g.Op("ReduceMax", Int("keepdims", 0), g.Nodes.First(n => n.Is("Softmax")).Inputs[0]));
        },
        ["a choice and a mask that both count"] = g => Attend(g, mask: s => g.Op("Add", g.Op("Where", Causal(g), s, g.Scalar(-1e4f)), Padding(g, -1e4f))),
    };

    public static TheoryData<string> Raised => [.. s_raised.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Raised))]
    public void Attention_is_one_node_that_takes_the_heads_joined(string name)
    {
        string[] operators = Operators(Model(18, s_raised[name]), Spelling.StandardOperators).Split(' ');
        Assert.Single(operators, "Attention");
        Assert.Empty(operators.Intersect(["Softmax", "Transpose", "Reshape"]));
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_only_resembles_attention_stays(string name) =>
        Assert.DoesNotContain("Attention", Operators(Model(18, s_kept[name])).Split(' '));

    [Fact]
    public void A_row_that_masks_everything_averages_as_before()
    {
        CompilationResult result = Compile(Model(18, g => Attend(g, mask: s => g.Op("Add", s, Everything(g)))));
        Assert.Contains(result.Model.Graph.Nodes, n => n.OpType == "Attention");
    }

    /// <summary>A symbolic size may be 0 in a run; then the kernel fails, as the page of passes says.</summary>
    [Theory]
    [InlineData(0, 3, 2, false)]
    [InlineData(1, 0, 2, false)]
    [InlineData(1, 3, 0, true)]
    public void The_runtime_takes_an_empty_past_but_nothing_else_that_is_empty(long batch, long tokens, long past, bool runs)
    {
        using Model model = Model(24, g =>
        {
            Value Of(string name, long length) => g.NamedInput(name, batch, Heads, length, Size);
            return g.Op("Attention", Of("q", tokens), Of("k", tokens), Of("v", tokens), null, Of("past_k", past), Of("past_v", past));
        });
        Dictionary<string, Tensor> inputs = Agreement.Draw(model.Graph, 1);

        if (runs)
            Assert.Equal([batch, Heads, tokens, Size], Agreement.Run(model, inputs).Values.Single().Dimensions.ToArray());
        else
            Assert.Throws<ModelRunException>(() => Agreement.Run(model, inputs));
    }

    [Fact]
    public void What_is_known_to_be_empty_stays_spelled_out() => Assert.DoesNotContain("Attention", Operators(Model(18, g =>
    {
        Value x = g.Input(0, 2, 3, 4);
        return g.Op("MatMul", g.Op("Softmax", Int("axis", -1), g.Op("MatMul", x, g.Op("Transpose", IntList("perm", 0, 1, 3, 2), x))), x);
    })).Split(' '));

    [Fact]
    public void Shifted_windows_bring_their_mask()
    {
        string[] operators = Operators(Model(18, g =>
        {
            Value x = g.Input("batch", "24", "8");
            Value windows = g.Op("Reshape", x, g.Ints(-1, 4, Width));
            Value q = g.Split(g.Linear(windows, "wq", Width, Width), Heads, Size);
            Value k = g.Split(g.Linear(windows, "wk2", Width, Width), Heads, Size, 0, 2, 3, 1);
            Value v = g.Split(g.Linear(windows, "wv33", Width, Width), Heads, Size);
            Value scores = g.Op("Add", g.Op("Mul", g.Op("MatMul", q, k), g.Scalar(1 / s_root)), g.Small("positions", 1, Heads, 4, 4));
            Value apart = g.Op("Add", g.Op("Reshape", scores, g.Ints(-1, 6, Heads, 4, 4)), g.Small("shift", 1, 6, 1, 4, 4));
            Value weights = g.Op("Softmax", Int("axis", -1), g.Op("Reshape", apart, g.Ints(-1, Heads, 4, 4)));
            return g.Op("Reshape", g.Join(g.Op("MatMul", weights, v), Width), g.Ints(-1, 24, Width));
        })).Split(' ');
        Assert.Single(operators, "Attention");
        Assert.DoesNotContain("Softmax", operators);
    }

    [Fact]
    public void Keys_and_values_of_the_past_are_joined_inside()
    {
        CompilationResult result = Compile(Model(18, Past));
        Node attention = Assert.Single(result.Model.Graph.Nodes, n => n.Is("Attention"));
        Assert.Equal("present_key", attention.Outputs[1]!.Name);
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.Is("Concat") || n.Is("Transpose") || n.Is("Reshape"));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Heads_are_split_inside_the_rotation_and_the_attention(bool queries, bool keys)
    {
        CompilationResult result = Compile(Model(23, g => Past(g, queries ? Turn : (_, x) => x, keys ? Turn : (_, x) => x)));
        Assert.Equal((queries ? 1 : 0) + (keys ? 1 : 0), result.Model.Graph.Nodes.Count(n => n.Is("RotaryEmbedding")));
        Assert.All(result.Model.Graph.Nodes.Where(n => n.Is("RotaryEmbedding")), n => Assert.Equal(Heads, n.IntAttribute("num_heads")));
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.Is("Transpose") || n.Is("Reshape"));
    }

    [Fact]
    public void Heads_that_are_turned_and_used_elsewhere_stay_split()
    {
        CompilationResult result = Compile(Model(23, g =>
        {
            Value? turned = null;
            Value attended = Past(g, (graph, x) => turned = Turn(graph, x), (_, x) => x);
            g.AddOutput(g.Op("Relu", turned!));
            return attended;
        }));
        Assert.Contains(result.Model.Graph.Nodes, n => n.Is("Transpose"));
        Assert.Contains("is used by", result.NearMisses["SplitHeads"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Repeated_heads_are_not_repeated()
    {
        CompilationResult result = Compile(Model(18, g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            Value keys = Repeat(g, g.Split(g.Linear(x, "wk", Width, Size), 1, Size));
            Value values = Repeat(g, g.Split(g.Linear(x, "wv2", Width, Size), 1, Size));
            Value scores = g.Op("MatMul", g.Split(g.Linear(x, "wq3", Width, Width), Heads, Size), g.Op("Transpose", IntList("perm", 0, 1, 3, 2), keys));
            return g.Op("MatMul", g.Op("Softmax", Int("axis", -1), g.Op("Div", scores, g.Scalar(s_root))), values);
        }));
        Assert.Single(result.Model.Graph.Nodes, n => n.Is("Attention"));
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.Is("Expand"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rotation_by_halves_is_one_node(bool halves)
    {
        string[] operators = Operators(Model(18, g =>
        {
            Value x = g.NamedInput("x", "batch", 2, "tokens", 8);
            Value angles = g.NamedInput("angles", "batch", "tokens", 4);
            Value twice = g.Op("Concat", Int("axis", -1), angles, angles);
            Value cos = g.Op("Unsqueeze", g.Op("Cos", twice), g.Ints(1));
            Value sin = g.Op("Unsqueeze", g.Op("Sin", twice), g.Ints(1));
            long middle = halves ? 4 : 3;
            Value lower = g.Op("Slice", x, g.Ints(0), g.Ints(middle), g.Ints(3));
            Value upper = g.Op("Slice", x, g.Ints(middle), g.Ints(long.MaxValue), g.Ints(3));
            Value turned = g.Op("Concat", Int("axis", -1), g.Op("Neg", upper), lower);
            return g.Op("Add", g.Op("Mul", x, cos), g.Op("Mul", turned, sin));
        })).Split(' ');
        Assert.Equal(halves, operators.Contains("RotaryEmbedding"));
    }

    private static Value Attend(Graph g, Func<Value, Value>? scale = null, Func<Value, Value>? mask = null, Func<Value, Value>? queries = null, Func<Value, Value>? keys = null, long axis = -1)
    {
        Value x = g.Input("batch", "tokens", "8");
        Value q = g.Split(g.Linear(x, "wq", Width, Width), Heads, Size);
        Value k = g.Split(g.Linear(x, "wk2", Width, Width), Heads, Size, 0, 2, 3, 1);
        Value v = g.Split(g.Linear(x, "wv33", Width, Width), Heads, Size);
        Value scores = g.Op("MatMul", queries is null ? q : queries(q), keys is null ? k : keys(k));
        scores = scale is null ? scores : scale(scores);
        scores = mask is null ? scores : mask(scores);
        return g.Join(g.Op("MatMul", g.Op("Softmax", Int("axis", axis), scores), v), Width);
    }

    /// <summary>[batch, 1, 1, tokens]: a low number where the first feature is negative.</summary>
    private static Value Padding(Graph g, float low)
    {
        Value first = g.Op("Slice", g.Inputs[0], g.Ints(0), g.Ints(1), g.Ints(2));
        Value padded = g.Op("Cast", Int("to", (long)ElementType.Float), g.Op("Less", first, g.Scalar(0)));
        return g.Op("Unsqueeze", g.Op("Squeeze", g.Op("Mul", padded, g.Scalar(low)), g.Ints(2)), g.Ints(1, 2));
    }

    /// <summary>[batch, 1, 1, tokens]: the lowest number everywhere.</summary>
    private static Value Everything(Graph g) =>
        g.Op("Unsqueeze", g.Op("Squeeze", g.Op("Sub", g.Op("Mul", g.Op("Slice", g.Inputs[0], g.Ints(0), g.Ints(1), g.Ints(2)), g.Scalar(0)), g.Scalar(float.MaxValue)), g.Ints(2)), g.Ints(1, 2));

    /// <summary>[tokens, tokens]: true on and below the diagonal.</summary>
    private static Value Causal(Graph g)
    {
        Value count = g.Op("Slice", g.Op("Shape", g.Inputs[0]), g.Ints(1), g.Ints(2));
        Value ones = g.Op("Expand", g.Scalar(1), g.Op("Concat", Int("axis", 0), count, count));
        return g.Op("Cast", Int("to", (long)ElementType.Bool), g.Op("Trilu", Int("upper", 0), ones));
    }

    private static Value Repeat(Graph g, Value heads)
    {
        Value sizes = g.Op("Concat", Int("axis", 0), g.Op("Slice", g.Op("Shape", g.Inputs[0]), g.Ints(0), g.Ints(1)), g.Ints(1, 2), g.Op("Slice", g.Op("Shape", g.Inputs[0]), g.Ints(1), g.Ints(2)), g.Ints(Size));
        return g.Op("Reshape", g.Op("Expand", g.Op("Unsqueeze", heads, g.Ints(2)), sizes), g.Ints(0, Heads, -1, Size));
    }

    private static Value Turn(Graph g, Value heads)
    {
        Value angles = g.Inputs.FirstOrDefault(i => i.Name == "angles") ?? g.NamedInput("angles", "batch", "tokens", Size / 2);
        return g.Op("RotaryEmbedding", heads, g.Op("Cos", angles), g.Op("Sin", angles));
    }

    private static Value Past(Graph g) => Past(g, (_, x) => x, (_, x) => x);

    private static Value Past(Graph g, Func<Graph, Value, Value> queries, Func<Graph, Value, Value> keys)
    {
        Value x = g.Input("batch", "tokens", "8");
        Value k = g.Op("Concat", Int("axis", 2), g.NamedInput("past_key", "batch", Heads, "past", Size), keys(g, g.Split(g.Linear(x, "wk2", Width, Width), Heads, Size)));
        Value v = g.Op("Concat", Int("axis", 2), g.NamedInput("past_value", "batch", Heads, "past", Size), g.Split(g.Linear(x, "wv33", Width, Width), Heads, Size));
        k.Name = "present_key";
        v.Name = "present_value";
        g.AddOutput(k);
        g.AddOutput(v);
        Value q = queries(g, g.Split(g.Linear(x, "wq", Width, Width), Heads, Size));
        Value scores = g.Op("MatMul", q, g.Op("Transpose", IntList("perm", 0, 1, 3, 2), k));
        return g.Join(g.Op("MatMul", g.Op("Softmax", Int("axis", -1), g.Op("Div", scores, g.Scalar(s_root))), v), Width);
    }
}
