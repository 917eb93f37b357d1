using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>Llama (Touvron et al., 2023) with grouped heads, keys and values of earlier tokens, and eager attention.</summary>
internal sealed record Llama(int Layers, int Hidden, int Heads, int KeyHeads, int Inner, int Words)
{
    private const float Epsilon = 1e-5f;
    private const float RotaryBase = 10000;

    /// <summary>The sizes of TinyLlama: 1.1 billion parameters.</summary>
    public static Llama Small { get; } = new(Layers: 22, Hidden: 2048, Heads: 32, KeyHeads: 4, Inner: 5632, Words: 32000);

    private long Depth => Hidden / Heads;

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 5);
        Dimension batch = Dimension.OfSymbol("batch_size"), tokens = Dimension.OfSymbol("sequence_length"), total = Dimension.OfSymbol("total_sequence_length");
        Value ids = b.Input("input_ids", ElementType.Int64, batch, tokens);
        Value attention = b.Input("attention_mask", ElementType.Int64, batch, total);
        Value positions = b.Input("position_ids", ElementType.Int64, batch, tokens);
        (Value Key, Value Value)[] past = [.. Enumerable.Range(0, Layers).Select(i => (Earlier(i, "key"), Earlier(i, "value")))];

        Value x = b.Apply("Gather", b.Weight("embed_tokens.weight", new WeightStatistics(0.02f), Words, Hidden), ids);
        Value start = b.Size(past[0].Key, 2), count = b.Size(ids, 1), rows = b.Size(ids, 0);
        (Value cos, Value sin) = Rotations(b, rows, positions);
        Value mask = Mask(b, start, count, rows, attention);
        var present = new (Value Key, Value Value)[Layers];
        for (int i = 0; i < Layers; i++)
            x = b.In(ModuleBuilder.Number("layers", i), () => new LlamaLayer(this, b, cos, sin, mask).Apply(x, past[i], out present[i]));
        (x, _) = Normalize(b, "norm", x);
        b.Output("logits", b.Linear("lm_head", x, Hidden, Words, bias: null), batch, tokens, Dimension.Of(Words));
        for (int i = 0; i < Layers; i++)
        {
            Dimension[] shape = [batch, Dimension.Of(KeyHeads), total, Dimension.Of(Depth)];
            b.Output($"present.{i}.key", present[i].Key, shape);
            b.Output($"present.{i}.value", present[i].Value, shape);
        }

        return b.Build();

        Value Earlier(int layer, string kind) => b.Input($"past_key_values.{layer}.{kind}", ElementType.Float, batch, Dimension.Of(KeyHeads), Dimension.OfSymbol("past_sequence_length"), Dimension.Of(Depth));
    }

    /// <summary>The root mean square norm, and its input as float32, which the program goes on with.</summary>
    public (Value Normal, Value Input) Normalize(ModuleBuilder b, string module, Value x)
    {
        Value input = x;
        Value normal = b.In(module, () =>
        {
            input = b.Cast(x, ElementType.Float);
            Value mean = b.Mean(b.Apply("Pow", input, b.Constant(2)));
            Value root = b.Apply("Sqrt", b.Apply("Add", mean, b.Constant(Epsilon)));
            Value scaled = b.Apply("Mul", input, b.Apply("Div", b.Constant(1), root));
            return b.Apply("Mul", b.Ones("weight", Hidden), scaled);
        });
        return (normal, input);
    }

    private (Value Cos, Value Sin) Rotations(ModuleBuilder b, Value batch, Value positions)
    {
        float[] frequencies = [.. Enumerable.Range(0, (int)Depth / 2).Select(i => MathF.Pow(RotaryBase, -2f * i / Depth))];
        Value table = b.Initializer("onnx::Expand_1", Tensor.Create<float>(ElementType.Float, [1, frequencies.Length, 1], frequencies));
        Value expanded = b.Expand(table, batch, -1, 1);
        Value places = b.Cast(b.Unsqueeze(positions, 1), ElementType.Float);
        Value half = b.Transpose(b.Apply("MatMul", expanded, places), 0, 2, 1);
        Value angles = b.Concat(-1, half, half);
        // For all heads; every layer asks for it, and the exporter writes it once.
        return (b.Unsqueeze(b.Apply("Cos", angles), 1), b.Unsqueeze(b.Apply("Sin", angles), 1));
    }

    /// <summary>The lowest float for later tokens and for padding, 0 for others; [batch, 1, tokens, all tokens].</summary>
    private static Value Mask(ModuleBuilder b, Value start, Value count, Value batch, Value attention)
    {
        Value all = b.Apply("Add", start, count);
        Value lowest = b.Filled(b.Join(count, all), Tensor.Create<float>(ElementType.Float, [1], [float.MinValue]));
        Value upper = b.Apply("Mul", b.Apply("Trilu", [new IntAttribute("upper", 1)], lowest, b.Scalar(1)), b.Constant(1));
        Value keys = b.Range(all);
        Value places = b.Apply("Add", start, b.Range(count));
        Value later = b.Apply("Greater", keys, b.Reshape(places, -1, 1));
        Value causal = b.Apply("Mul", upper, b.Cast(later, ElementType.Float));
        Value expanded = b.Expand(b.Unsqueeze(b.Unsqueeze(causal, 0), 1), batch, 1, -1, -1);
        Value padding = b.Apply("Equal", b.Unsqueeze(b.Unsqueeze(attention, 1), 2), b.Scalar(0));
        return b.Apply("Where", b.Cast(padding, ElementType.Bool), b.Constant(float.MinValue), expanded);
    }
}
