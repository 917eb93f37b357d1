using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>BERT (Devlin et al., 2018) with eager attention and pooler, as PyTorch's exporter writes it.</summary>
internal sealed record Bert(int Layers, int Hidden, int Heads, int Inner, int Words, int Positions = 512, long Opset = 17)
{
    private const float Epsilon = 1e-12f;
    private static readonly WeightStatistics s_embedding = new(0.02f);

    /// <summary>The sizes of bert-base-uncased: 110 million parameters.</summary>
    public static Bert Base { get; } = new(Layers: 12, Hidden: 768, Heads: 12, Inner: 3072, Words: 30522);

    /// <summary>The sizes of all-MiniLM-L6-v2: 23 million parameters.</summary>
    public static Bert MiniLm { get; } = new(Layers: 6, Hidden: 384, Heads: 12, Inner: 1536, Words: 30522);

    public Model Build()
    {
        var b = new ModuleBuilder(Opset, seed: 1);
        Dimension[] tokens = [Dimension.OfSymbol("batch_size"), Dimension.OfSymbol("sequence_length")];
        Value ids = b.Input("input_ids", ElementType.Int64, tokens);
        Value attention = b.Input("attention_mask", ElementType.Int64, tokens);
        Value types = b.Input("token_type_ids", ElementType.Int64, tokens);

        Value mask = Mask(b, attention);
        Value x = b.In("embeddings", () => Embed(b, ids, types));
        for (int i = 0; i < Layers; i++)
            x = b.In(ModuleBuilder.Number("layers", i), () => Layer(b, x, mask));
        Value pooled = b.In("pooler", () => Pool(b, x));

        b.Output("last_hidden_state", x, [.. tokens, Dimension.Of(Hidden)]);
        b.Output("pooler_output", pooled, tokens[0], Dimension.Of(Hidden));
        return b.Build();
    }

    /// <summary>0 where a token is, the lowest float where padding is; [batch, 1, 1, tokens].</summary>
    private static Value Mask(ModuleBuilder b, Value attention)
    {
        Value mask = b.Unsqueeze(b.Unsqueeze(attention, 1), 2);
        Value present = b.Cast(mask, ElementType.Float);
        return b.Apply("Mul", b.Apply("Sub", b.Constant(1), present), b.Constant(float.MinValue));
    }

    private Value Embed(ModuleBuilder b, Value ids, Value types)
    {
        Value words = b.Apply("Gather", b.Weight("word.weight", s_embedding, Words, Hidden), ids);
        Value kinds = b.Apply("Gather", b.Weight("token_type.weight", s_embedding, 2, Hidden), types);
        Value sum = b.Apply("Add", words, kinds);
        var range = new long[Positions];
        for (int i = 0; i < range.Length; i++)
            range[i] = i;
        Value all = b.Initializer("position_ids", Tensor.Create<long>(ElementType.Int64, [1, Positions], range));
        Value positions = b.Slice(all, 1, 0, b.Size(ids, 1), 1);
        Value places = b.Apply("Gather", b.Weight("position.weight", s_embedding, Positions, Hidden), positions);
        return b.LayerNorm("LayerNorm", b.Apply("Add", sum, places), Hidden, Epsilon);
    }

    private Value Layer(ModuleBuilder b, Value x, Value mask)
    {
        Value context = b.In("attention", () => Attend(b, x, mask));
        Value attended = b.LayerNorm("attention_norm", b.Apply("Add", b.Linear("attention_output", context, Hidden, Hidden), x), Hidden, Epsilon);
        Value inner = b.Gelu(b.Linear("intermediate", attended, Hidden, Inner));
        return b.LayerNorm("output_norm", b.Apply("Add", b.Linear("output", inner, Inner, Hidden), attended), Hidden, Epsilon);
    }

    private Value Attend(ModuleBuilder b, Value x, Value mask)
    {
        long size = Hidden / Heads;
        Value query = b.Transpose(View(b, b.Linear("query", x, Hidden, Hidden), Heads, size), 0, 2, 1, 3);
        Value key = b.Transpose(View(b, b.Linear("key", x, Hidden, Hidden), Heads, size), 0, 2, 3, 1);
        Value value = b.Transpose(View(b, b.Linear("value", x, Hidden, Hidden), Heads, size), 0, 2, 1, 3);
        Value scores = b.Apply("Div", b.Apply("MatMul", query, key), b.Constant(MathF.Sqrt(size)));
        Value weights = b.Softmax(b.Apply("Add", scores, mask));
        Value context = b.Transpose(b.Apply("MatMul", weights, value), 0, 2, 1, 3);
        return View(b, context, Hidden);
    }

    private Value Pool(ModuleBuilder b, Value x)
    {
        Value first = b.Apply("Gather", [new IntAttribute("axis", 1)], x, b.Scalar(0));
        return b.Apply("Tanh", b.Gemm("dense", first, Hidden, Hidden));
    }

    /// <summary>[batch, tokens, sizes].</summary>
    private static Value View(ModuleBuilder b, Value x, params IEnumerable<long> sizes)
    {
        Value batch = b.Size(x, 0);
        Value tokens = b.Size(x, 1);
        return b.Reshape(x, [batch, tokens, .. sizes.Select(size => (Extent)size)]);
    }
}
