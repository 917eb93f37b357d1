using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>One decoder layer of <see cref="Llama"/>.</summary>
internal sealed class LlamaLayer(Llama model, ModuleBuilder b, Value cos, Value sin, Value mask)
{
    private readonly long _depth = model.Hidden / model.Heads;

    public Value Apply(Value x, (Value Key, Value Value) past, out (Value Key, Value Value) present)
    {
        Value batch = b.Size(x, 0), tokens = b.Size(x, 1);
        (Value normal, x) = model.Normalize(b, "input_layernorm", x);
        Value query = b.Transpose(b.Reshape(Linear("q_proj", normal, model.Hidden, model.Hidden), batch, tokens, model.Heads, _depth), 0, 2, 1, 3);
        Value key = b.Transpose(b.Reshape(Linear("k_proj", normal, model.Hidden, model.KeyHeads * _depth), batch, tokens, model.KeyHeads, _depth), 0, 2, 1, 3);
        Value value = b.Transpose(b.Reshape(Linear("v_proj", normal, model.Hidden, model.KeyHeads * _depth), batch, tokens, model.KeyHeads, _depth), 0, 2, 1, 3);
        query = Rotate(query);
        present = (b.Concat(2, past.Key, Rotate(key)), b.Concat(2, past.Value, value));

        Value keys = Repeat(present.Key, batch), values = Repeat(present.Value, batch);
        Value scores = b.Apply("Div", b.Apply("MatMul", query, b.Transpose(keys, 0, 1, 3, 2)), b.Constant(MathF.Sqrt(_depth)));
        Value weights = b.Softmax(b.Apply("Add", scores, mask));
        weights = b.Cast(b.Cast(weights, ElementType.Float), ElementType.Float);
        Value context = b.Transpose(b.Apply("MatMul", weights, values), 0, 2, 1, 3);
        Value attended = Linear("o_proj", b.Reshape(context, batch, tokens, model.Hidden), model.Hidden, model.Hidden);
        return FeedForward(b.Apply("Add", x, attended));
    }

    private Value FeedForward(Value sum)
    {
        (Value normal, sum) = model.Normalize(b, "post_attention_layernorm", sum);
        Value gate = Linear("gate_proj", normal, model.Hidden, model.Inner);
        gate = b.Apply("Mul", gate, b.Apply("Sigmoid", gate));
        Value inner = b.Apply("Mul", gate, Linear("up_proj", normal, model.Hidden, model.Inner));
        return b.Apply("Add", sum, Linear("down_proj", inner, model.Inner, model.Hidden));
    }

    /// <summary>x·cos + rotate_half(x)·sin.</summary>
    private Value Rotate(Value x)
    {
        Value straight = b.Apply("Mul", x, cos);
        Value half = b.FloorDivide(b.Size(x, 3), 2);
        Value first = b.Slice(x, 3, 0, half, 1);
        Value second = b.Apply("Neg", b.Slice(x, 3, half, Extent.End, 1));
        return b.Apply("Add", straight, b.Apply("Mul", b.Concat(-1, second, first), sin));
    }

    /// <summary>Every key head once for each of its query heads.</summary>
    private Value Repeat(Value x, Value batch)
    {
        long groups = model.Heads / model.KeyHeads;
        Value unsqueezed = b.Unsqueeze(x, 2);
        Value tokens = b.Size(x, 2);
        Value expanded = b.Expand(unsqueezed, batch, model.KeyHeads, groups, tokens, _depth);
        return b.Reshape(expanded, batch, model.Heads, tokens, _depth);
    }

    private Value Linear(string module, Value x, long inputs, long outputs) => b.Linear(module, x, inputs, outputs, bias: null);
}
