using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>Attention as the code of several families of models spells it.</summary>
public class AttentionSpellingTests
{
    private const long Heads = 2;
    private const long Size = 4;
    private const long Width = Heads * Size;

    private static readonly Dictionary<string, Func<Graph, Value>> s_raised = new()
    {
        ["T5: no scale, a bias by relative position"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            return g.Join(Weighted(g, g.Op("Softmax", Int("axis", -1), g.Op("Add", Scores(g, x, x), RelativeBias(g))), x), Width);
        },
        ["Whisper: keys and values of the encoder"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            Value encoded = g.NamedInput("encoded", "batch", "frames", 8);
            return g.Join(Weighted(g, g.Op("Softmax", Int("axis", -1), Scores(g, x, encoded, 0.5f)), encoded), Width);
        },
        ["BART: heads in the batch"] = g => Batched(g, g.Input("batch", "tokens", "8"), null),
        ["BART: heads in the batch, keys and values of the encoder"] = g => Batched(g, g.Input("batch", "tokens", "8"), null, g.NamedInput("encoded", "batch", "frames", 8)),
        ["BART: heads in the batch, a mask"] = g => Batched(g, g.Input("batch", "tokens", "8"), s => g.Op("Add", s, g.NamedInput("mask", "batch", 1, "tokens", "tokens"))),
        ["CLIP: heads in the batch, a causal mask"] = g => Batched(g, g.Input("2", "5", "8"), s => g.Op("Add", s, CausalConstant(g, 5))),
        ["PyTorch: what masks everything gives 0"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            return Guarded(g, x, g.Op("Where", Allowed(g, x, 0), g.Scalar(0), g.Scalar(float.NegativeInfinity)));
        },
        ["PyTorch: everything is masked"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            return Guarded(g, x, g.Op("Where", Allowed(g, x, -2), g.Scalar(0), g.Scalar(float.NegativeInfinity)));
        },
        ["PyTorch: everything is masked by the lowest number"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            return Guarded(g, x, g.Op("Where", Allowed(g, x, -2), g.Scalar(0), g.Scalar(float.MinValue)));
        },
    };

    public static TheoryData<string> Raised => [.. s_raised.Keys];

    [Theory]
    [MemberData(nameof(Raised))]
    public void Attention_is_one_node_that_takes_the_heads_joined(string name)
    {
        string[] operators = Operators(Model(18, s_raised[name]), Spelling.StandardOperators).Split(' ');
        Assert.Single(operators, "Attention");
        Assert.DoesNotContain("Softmax", operators);
        Assert.Equal(3, operators.Count(o => o == "MatMul"));
    }

    [Fact]
    public void A_past_in_the_order_of_the_product_is_joined_inside()
    {
        CompilationResult result = Compile(Model(18, g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            Value past = g.Op("Transpose", IntList("perm", 0, 1, 3, 2), g.NamedInput("past_key", "batch", Heads, "past", Size));
            Value keys = g.Op("Concat", Int("axis", -1), past, g.Split(g.Linear(x, "wk2", Width, Width), Heads, Size, 0, 2, 3, 1));
            Value values = g.Op("Concat", Int("axis", -2), g.NamedInput("past_value", "batch", Heads, "past", Size), g.Split(g.Linear(x, "wv33", Width, Width), Heads, Size));
            g.AddOutput(g.Op("Transpose", IntList("perm", 0, 1, 3, 2), keys));
            g.AddOutput(values);
            Value scores = g.Op("Div", g.Op("MatMul", g.Split(g.Linear(x, "wq", Width, Width), Heads, Size), keys), g.Scalar(2));
            return g.Join(g.Op("MatMul", g.Op("Softmax", Int("axis", -1), scores), values), Width);
        }));
        Assert.Equal(3, Assert.Single(result.Model.Graph.Nodes, n => n.Is("Attention")).Outputs.Count);
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.Is("Concat"));
    }

    private static readonly Dictionary<string, Func<Graph, Value>> s_kept = new()
    {
        ["heads in the batch: the keys of other heads"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            Value keys = g.Op("Reshape", g.Split(g.Linear(x, "wk2", Width, Width), Size, Heads), g.Op("Concat", Int("axis", 0), g.Ints(-1), Length(g, x), g.Ints(Size)));
            Value scores = g.Op("MatMul", Merged(g, g.Linear(x, "wq", Width, Width)), g.Op("Transpose", IntList("perm", 0, 2, 1), keys));
            Value result = g.Op("MatMul", g.Op("Softmax", Int("axis", -1), scores), Merged(g, g.Linear(x, "wv33", Width, Width)));
            return g.Op("Reshape", result, g.Op("Concat", Int("axis", 0), g.Ints(-1), g.Ints(Heads), Length(g, x), g.Ints(Size)));
        },
        ["heads in the batch: the weights are an output"] = g =>
        {
            Value result = Batched(g, g.Input("batch", "tokens", "8"), null);
            g.AddOutput(g.Nodes.First(n => n.Is("Softmax")).Output);
            return result;
        },
        ["NaN becomes 1"] = g =>
        {
            Value x = g.Input("batch", "tokens", "8");
            Value weights = g.Op("Softmax", Int("axis", -1), Scores(g, x, x));
            return Weighted(g, g.Op("Where", g.Op("IsNaN", weights), g.Scalar(1), weights), x);
        },
    };

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_only_resembles_attention_stays(string name) =>
        Assert.DoesNotContain("Attention", Operators(Model(18, s_kept[name])).Split(' '));

    private static Value Scores(Graph g, Value x, Value from, float scale = 1)
    {
        Value queries = g.Split(g.Linear(x, "wq", Width, Width), Heads, Size);
        return g.Op("MatMul", scale == 1 ? queries : g.Op("Mul", queries, g.Scalar(scale)), g.Split(g.Linear(from, "wk2", Width, Width), Heads, Size, 0, 2, 3, 1));
    }

    private static Value Weighted(Graph g, Value weights, Value from) => g.Op("MatMul", weights, g.Split(g.Linear(from, "wv33", Width, Width), Heads, Size));

    /// <summary>[1, heads, tokens, tokens]: a table's row for every difference of positions.</summary>
    private static Value RelativeBias(Graph g)
    {
        Value count = g.Op("Squeeze", g.Op("Slice", g.Op("Shape", g.Inputs[0]), g.Ints(1), g.Ints(2)), g.Ints(0));
        Value positions = g.Op("Range", Index(g, 0), count, Index(g, 1));
        Value difference = g.Op("Sub", g.Op("Unsqueeze", positions, g.Ints(0)), g.Op("Unsqueeze", positions, g.Ints(1)));
        Value bucket = g.Op("Min", g.Op("Abs", difference), Index(g, 3));
        return g.Op("Unsqueeze", g.Op("Transpose", IntList("perm", 2, 0, 1), g.Op("Gather", g.Small("buckets", 4, Heads), bucket)), g.Ints(0));
    }

    /// <summary>[batch, 1, 1, tokens]: whether the first feature is less.</summary>
    private static Value Allowed(Graph g, Value x, float than)
    {
        Value first = g.Op("Squeeze", g.Op("Slice", x, g.Ints(0), g.Ints(1), g.Ints(2)), g.Ints(2));
        return g.Op("Unsqueeze", g.Op("Less", first, g.Scalar(than)), g.Ints(1, 2));
    }

    /// <summary>Attention where NaN counts as 0.</summary>
    private static Value Guarded(Graph g, Value x, Value mask)
    {
        Value weights = g.Op("Softmax", Int("axis", -1), g.Op("Add", Scores(g, x, x, 0.5f), mask));
        return g.Join(Weighted(g, g.Op("Where", g.Op("IsNaN", weights), g.Scalar(0), weights), x), Width);
    }

    private static Value Index(Graph g, long value) => g.AddInitializer("n", Tensor.Create<long>(ElementType.Int64, [], [value]));

    private static Value CausalConstant(Graph g, int tokens) => g.AddInitializer("causal", Tensor.Create<float>(ElementType.Float, [1, 1, tokens, tokens],
        [.. Enumerable.Range(0, tokens * tokens).Select(i => i % tokens > i / tokens ? float.MinValue : 0)]));

    /// <summary>The batched product of PyTorch takes three axes.</summary>
    private static Value Batched(Graph g, Value x, Func<Value, Value>? mask, Value? from = null)
    {
        Value keys = g.Op("Transpose", IntList("perm", 0, 2, 1), Merged(g, g.Linear(from ?? x, "wk2", Width, Width)));
        Value scores = g.Op("MatMul", Merged(g, g.Op("Mul", g.Linear(x, "wq", Width, Width), g.Scalar(0.5f))), keys);
        if (mask is not null)
            scores = g.Op("Reshape", mask(g.Op("Reshape", scores, Sizes(g, x, x, Heads))), Sizes(g, x, x));
        Value result = g.Op("MatMul", g.Op("Softmax", Int("axis", -1), scores), Merged(g, g.Linear(from ?? x, "wv33", Width, Width)));
        return g.Join(g.Op("Reshape", result, g.Op("Concat", Int("axis", 0), g.Ints(-1), g.Ints(Heads), Length(g, x), g.Ints(Size))), Width);
    }

    private static Value Merged(Graph g, Value x) =>
        g.Op("Reshape", g.Split(x, Heads, Size), g.Op("Concat", Int("axis", 0), g.Ints(-1), Length(g, x), g.Ints(Size)));

    private static Value Sizes(Graph g, Value rows, Value columns, params long[] heads) =>
        g.Op("Concat", Int("axis", 0), heads.Length == 0 ? [g.Ints(-1), Length(g, rows), Length(g, columns)] : [g.Ints(-1), g.Ints(heads), Length(g, rows), Length(g, columns)]);

    private static Value Length(Graph g, Value x) => g.Op("Slice", g.Op("Shape", x), g.Ints(1), g.Ints(2));
}
