using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>GPT-2 (Radford et al., 2019) with eager attention and a table of what may be seen, with keys and values of earlier tokens or without.</summary>
internal sealed record Gpt2(int Layers, int Hidden, int Heads, int Words, int Positions = 1024, bool Past = true)
{
    private const float Epsilon = 1e-5f;

    /// <summary>The sizes of gpt2: 124 million parameters, and the embedding once more as the head.</summary>
    public static Gpt2 Small { get; } = new(Layers: 12, Hidden: 768, Heads: 12, Words: 50257);

    private long Depth => Hidden / Heads;

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 4);
        Dimension batch = Dimension.OfSymbol("batch_size"), tokens = Dimension.OfSymbol("sequence_length");
        Dimension heads = Dimension.Of(Heads), depth = Dimension.Of(Depth);
        Value ids = b.Input("input_ids", ElementType.Int64, batch, tokens);
        (Value Key, Value Value)[] past = Past
            ? [.. Enumerable.Range(0, Layers).Select(i => (Earlier(i, "key"), Earlier(i, "value")))]
            : [];

        Value x = Embed(b, ids, Past ? past[0].Key : null);
        var present = new (Value Key, Value Value)[Layers];
        for (int i = 0; i < Layers; i++)
            x = b.In(ModuleBuilder.Number("h", i), () => Layer(b, x, Past ? past[i] : null, out present[i]));
        x = b.LayerNorm("ln_f", x, Hidden, Epsilon);
        b.Output("logits", b.Apply("MatMul", x, b.Transposed("MatMul", Hidden, Words)), batch, tokens, Dimension.Of(Words));
        for (int i = 0; i < present.Length && Past; i++)
        {
            Dimension[] shape = [batch, heads, Dimension.OfSymbol("total_sequence_length"), depth];
            b.Output($"present.{i}.key", present[i].Key, shape);
            b.Output($"present.{i}.value", present[i].Value, shape);
        }

        return b.Build();

        Value Earlier(int layer, string kind) => b.Input($"past_key_values.{layer}.{kind}", ElementType.Float, batch, heads, Dimension.OfSymbol("past_sequence_length"), depth);
    }

    private Value Embed(ModuleBuilder b, Value ids, Value? past)
    {
        Value positions;
        if (past is null)
        {
            positions = b.Range(b.Size(ids, 1));
        }
        else
        {
            Value start = b.SizeFromEnd(past, -2);
            Value end = b.Apply("Add", start, b.Size(ids, 1));
            positions = b.Apply("Range", b.Cast(start, ElementType.Int64), b.Cast(end, ElementType.Int64), b.Scalar(1));
        }

        positions = b.Unsqueeze(positions, 0);
        Value words = b.Apply("Gather", b.Weight("wte.weight", new WeightStatistics(0.02f), Words, Hidden), ids);
        return b.Apply("Add", words, b.Apply("Gather", b.Weight("wpe.weight", new WeightStatistics(0.02f), Positions, Hidden), positions));
    }

    private Value Layer(ModuleBuilder b, Value x, (Value Key, Value Value)? past, out (Value Key, Value Value) present)
    {
        Value attended = Attend(b, b.LayerNorm("ln_1", x, Hidden, Epsilon), past, out present);
        Value sum = b.Apply("Add", x, attended);
        Value inner = NewGelu(b, Project(b, "c_fc", b.LayerNorm("ln_2", sum, Hidden, Epsilon), Hidden, 4 * Hidden));
        return b.Apply("Add", sum, Project(b, "mlp.c_proj", inner, 4 * Hidden, Hidden));
    }

    private Value Attend(ModuleBuilder b, Value x, (Value Key, Value Value)? past, out (Value Key, Value Value) present)
    {
        Value[] parts = b.Split(Project(b, "c_attn", x, Hidden, 3 * Hidden), 2, Hidden, Hidden, Hidden);
        Value query = SplitHeads(b, parts[0]), key = SplitHeads(b, parts[1]), value = SplitHeads(b, parts[2]);
        if (past is var (earlierKey, earlierValue))
        {
            key = b.Concat(-2, earlierKey, key);
            value = b.Concat(-2, earlierValue, value);
        }

        present = (key, value);
        Value scores = b.Apply("Div", b.Apply("MatMul", query, b.Transpose(key, 0, 1, 3, 2)), b.Constant(MathF.Sqrt(Depth)));
        Value tokens = b.SizeFromEnd(query, -2), all = b.SizeFromEnd(key, -2);
        Value seen = b.Slice(Causal(b), 2, b.Apply("Sub", all, tokens), all, 1);
        seen = b.Slice(seen, 3, 0, all, 1);
        Value weights = b.Softmax(b.Apply("Where", seen, scores, b.Constant(float.MinValue)));
        Value context = b.Transpose(b.Apply("MatMul", weights, value), 0, 2, 1, 3);
        Value rows = b.Size(context, 0), columns = b.Size(context, 1);
        return Project(b, "c_proj", b.Reshape(context, rows, columns, Hidden), Hidden, Hidden);
    }

    /// <summary>What each token may see, [1, 1, positions, positions].</summary>
    private Value Causal(ModuleBuilder b) => b.Tied("causal", "", "bias", () =>
    {
        var seen = new bool[Positions * Positions];
        for (int row = 0; row < Positions; row++)
            Array.Fill(seen, true, row * Positions, row + 1);
        return b.Initializer("bias", Tensor.Create<bool>(ElementType.Bool, [1, 1, Positions, Positions], seen));
    });

    private Value SplitHeads(ModuleBuilder b, Value x)
    {
        Value batch = b.Size(x, 0), tokens = b.Size(x, 1);
        return b.Transpose(b.Reshape(x, batch, tokens, Heads, Depth), 0, 2, 1, 3);
    }

    /// <summary>A Conv1D of the original program: addmm on rows.</summary>
    private static Value Project(ModuleBuilder b, string module, Value x, long inputs, long outputs) => b.In(module, () =>
    {
        Value batch = b.Size(x, 0), tokens = b.Size(x, 1);
        Value rows = b.Reshape(x, -1, b.SizeFromEnd(x, -1));
        Value weight = b.Weight("weight", WeightStatistics.Of(inputs), inputs, outputs);
        Value product = b.Apply("Gemm", [new FloatAttribute("alpha", 1), new FloatAttribute("beta", 1)], rows, weight, b.Zeros("bias", outputs));
        return b.Reshape(product, batch, tokens, outputs);
    });

    /// <summary>½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).</summary>
    private static Value NewGelu(ModuleBuilder b, Value x)
    {
        Value half = b.Apply("Mul", x, b.Constant(0.5f));
        Value cube = b.Apply("Mul", b.Apply("Pow", x, b.Constant(3)), b.Constant(0.044715f));
        Value tanh = b.Apply("Tanh", b.Apply("Mul", b.Apply("Add", x, cube), b.Constant(0.7978846f)));
        return b.Apply("Mul", half, b.Apply("Add", tanh, b.Constant(1)));
    }
}
