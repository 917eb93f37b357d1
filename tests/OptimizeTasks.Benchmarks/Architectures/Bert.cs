using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>BERT (Devlin et al., 2018) with eager attention and pooler, as PyTorch's exporter writes it.</summary>
internal sealed record Bert(int Layers, int Hidden, int Heads, int Inner, int Words, int Positions = 512, long Opset = 17)
{
    private const float Epsilon = 1e-12f;

    /// <summary>The sizes of bert-base-uncased: 110 million parameters.</summary>
    public static Bert Base { get; } = new(Layers: 12, Hidden: 768, Heads: 12, Inner: 3072, Words: 30522);

    public Model Build()
    {
        var b = new ModuleBuilder(Opset, seed: 1);
        Value ids = b.Input("input_ids", "batch_size", "sequence_length");
        Value attention = b.Input("attention_mask", "batch_size", "sequence_length");
        Value types = b.Input("token_type_ids", "batch_size", "sequence_length");

        Value mask = Mask(b, attention);
        Value x = b.In("embeddings", () => Embed(b, ids, types));
        for (int i = 0; i < Layers; i++)
            x = b.In(ModuleBuilder.Number("layers", i), () => Layer(b, x, mask));
        Value pooled = b.In("pooler", () => Pool(b, x));

        b.Output("last_hidden_state", x, new Shape(Dimension.OfSymbol("batch_size"), Dimension.OfSymbol("sequence_length"), Dimension.Of(Hidden)));
        b.Output("pooler_output", pooled, new Shape(Dimension.OfSymbol("batch_size"), Dimension.Of(Hidden)));
        return b.Build();
    }

    /// <summary>0 where a token is, the lowest float where padding is; [batch, 1, 1, tokens].</summary>
    private static Value Mask(ModuleBuilder b, Value attention)
    {
        Value mask = b.Unsqueeze(b.Unsqueeze(attention, 1), 2);
        Value present = b.Apply("Cast", [new IntAttribute("to", (long)ElementType.Float)], mask);
        return b.Apply("Mul", b.Apply("Sub", b.Constant(1), present), b.Constant(float.MinValue));
    }

    private Value Embed(ModuleBuilder b, Value ids, Value types)
    {
        Value words = b.Apply("Gather", b.Weight("word.weight", 0.02f, Words, Hidden), ids);
        Value kinds = b.Apply("Gather", b.Weight("token_type.weight", 0.02f, 2, Hidden), types);
        Value sum = b.Apply("Add", words, kinds);
        var range = new long[Positions];
        for (int i = 0; i < range.Length; i++)
            range[i] = i;
        Value all = b.Initializer("position_ids", Tensor.Create<long>(ElementType.Int64, [1, Positions], range));
        Value end = b.Unsqueeze(b.Size(ids, 1), 0);
        Value positions = b.Apply("Slice", all, b.Vector(0), end, b.Vector(1), b.Vector(1));
        Value places = b.Apply("Gather", b.Weight("position.weight", 0.02f, Positions, Hidden), positions);
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
        Value query = b.Transpose(b.Reshape(b.Linear("query", x, Hidden, Hidden), Heads, size), 0, 2, 1, 3);
        Value key = b.Transpose(b.Reshape(b.Linear("key", x, Hidden, Hidden), Heads, size), 0, 2, 3, 1);
        Value value = b.Transpose(b.Reshape(b.Linear("value", x, Hidden, Hidden), Heads, size), 0, 2, 1, 3);
        Value scores = b.Apply("Div", b.Apply("MatMul", query, key), b.Constant(MathF.Sqrt(size)));
        Value weights = b.Apply("Softmax", [new IntAttribute("axis", -1)], b.Apply("Add", scores, mask));
        Value context = b.Transpose(b.Apply("MatMul", weights, value), 0, 2, 1, 3);
        return b.Reshape(context, Hidden);
    }

    private Value Pool(ModuleBuilder b, Value x)
    {
        Value first = b.Apply("Gather", [new IntAttribute("axis", 1)], x, b.Scalar(0));
        Value weight = b.Weight("dense.weight", 0.02f, Hidden, Hidden);
        Value dense = b.Apply("Gemm", [new FloatAttribute("alpha", 1), new FloatAttribute("beta", 1), new IntAttribute("transB", 1)], first, weight, b.Weight("dense.bias", 0.02f, Hidden));
        return b.Apply("Tanh", dense);
    }
}
