using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>Vision Transformer (Dosovitskiy et al., 2020) of torchvision, on PyTorch's own multi-head attention.</summary>
internal sealed record VisionTransformer(int Image, int Patch, int Layers, int Hidden, int Heads, int Inner, int Classes)
{
    private const float Epsilon = 1e-6f;

    /// <summary>The sizes of ViT-B/16: 86 million parameters.</summary>
    public static VisionTransformer Base16 { get; } = new(Image: 224, Patch: 16, Layers: 12, Hidden: 768, Heads: 12, Inner: 3072, Classes: 1000);

    private long Tokens => ((long)(Image / Patch) * (Image / Patch)) + 1;

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 3);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        Value patches = Patches(b, image);
        Value x = b.Concat(1, b.Expand(b.Weight("class_token", WeightStatistics.Shift, 1, 1, Hidden), b.Size(patches, 0), -1, -1), patches);
        x = b.Apply("Add", x, b.Weight("encoder.pos_embedding", WeightStatistics.Shift, 1, Tokens, Hidden));
        for (int i = 0; i < Layers; i++)
            x = b.In("encoder/layers/encoder_layer_" + i, () => Layer(b, x));
        x = b.LayerNorm("encoder.ln", x, Hidden, Epsilon);
        Value first = b.Element(x, 0, axis: 1);
        b.Output("logits", b.Gemm("heads.head", first, Hidden, Classes), batch, Dimension.Of(Classes));
        return b.Build();
    }

    /// <summary>[batch, patches, hidden].</summary>
    private Value Patches(ModuleBuilder b, Value image)
    {
        Value batch = b.Size(image, 0), height = b.Size(image, 2), width = b.Size(image, 3);
        Value rows = b.FloorDivide(height, Patch), columns = b.FloorDivide(width, Patch);
        Value patches = b.Conv("conv_proj", image, new Convolution(3, Hidden, Patch, Patch), Bias.Zero);
        return b.Transpose(b.Reshape(patches, batch, Hidden, b.Apply("Mul", rows, columns)), 0, 2, 1);
    }

    private Value Layer(ModuleBuilder b, Value x)
    {
        Value attended = b.In("self_attention", () => Attend(b, b.LayerNorm("ln_1", x, Hidden, Epsilon)));
        Value sum = b.Apply("Add", attended, x);
        Value inner = b.Gelu(b.Linear("mlp.0", b.LayerNorm("ln_2", sum, Hidden, Epsilon), Hidden, Inner));
        return b.Apply("Add", sum, b.Linear("mlp.3", inner, Inner, Hidden));
    }

    /// <summary><c>torch.nn.functional.multi_head_attention_forward</c>, traced.</summary>
    private Value Attend(ModuleBuilder b, Value input)
    {
        Value x = b.Transpose(input, 1, 0, 2);
        Value tokens = b.Size(x, 0), batch = b.Size(x, 1), hidden = b.Size(x, 2);
        Value depth = b.FloorDivide(hidden, Heads);
        Value packed = Pack(b, x);
        Value query = b.Element(packed, 0), key = b.Element(packed, 1), value = b.Element(packed, 2);

        Value pairs = b.Apply("Mul", batch, b.Scalar(Heads));
        query = b.Transpose(b.Reshape(query, tokens, pairs, depth), 1, 0, 2);
        key = b.Transpose(b.Reshape(key, Tokens, pairs, depth), 1, 0, 2);
        value = b.Transpose(b.Reshape(value, Tokens, pairs, depth), 1, 0, 2);
        Value keys = b.Size(key, 1);
        query = b.Reshape(query, batch, Heads, tokens, depth);
        key = b.Reshape(key, batch, Heads, keys, depth);
        value = b.Reshape(value, batch, Heads, keys, depth);

        Value context = b.Transpose(Scaled(b, query, key, value), 2, 0, 1, 3);
        Value flat = b.Reshape(context, b.Apply("Mul", batch, tokens), hidden);
        Value projected = b.Gemm("out_proj", flat, Hidden, Hidden, Bias.Zero);
        Value width = b.Size(projected, 1);
        return b.Transpose(b.Reshape(projected, tokens, batch, width), 1, 0, 2);
    }

    /// <summary>Query, key and value as [3, tokens, batch, hidden], by <c>unflatten</c>.</summary>
    private Value Pack(ModuleBuilder b, Value x)
    {
        Value last = b.SizeFromEnd(x, -1);
        Value product = b.Apply("MatMul", x, b.Transposed("MatMul", Hidden, 3 * Hidden));
        Value joined = b.Apply("Add", b.Zeros("in_proj_bias", 3 * Hidden), product);
        Value sizes = b.Join(3, last);
        Value axis = b.Apply("Mod", b.Vector(2), b.Vector(3));
        Value shape = b.Apply("Shape", joined);
        Value before = b.Apply("Slice", shape, b.Vector(0), b.Apply("Reshape", axis, b.Vector(1)));
        Value next = b.Apply("Add", axis, b.Vector(1));
        Value behind = b.Apply("Slice", shape, b.Apply("Reshape", next, b.Vector(1)), b.Vector(long.MaxValue));
        Value unflattened = b.Reshape(joined, b.Concat(0, before, sizes, behind));
        Value front = b.Transpose(b.Unsqueeze(unflattened, 0), 3, 1, 2, 0, 4);
        return b.Apply("Squeeze", front, b.Vector(3));
    }

    /// <summary><c>scaled_dot_product_attention</c>: the root of the scale on both sides.</summary>
    private static Value Scaled(ModuleBuilder b, Value query, Value key, Value value)
    {
        Value depth = b.Apply("Slice", b.Apply("Shape", query), b.Vector(-1), b.Vector(long.MaxValue));
        Value root = b.Apply("Sqrt", b.Cast(depth, ElementType.Float));
        Value scale = b.Cast(b.Apply("Div", b.Floats(1), root), ElementType.Float);
        Value transposed = b.Transpose(key, 0, 1, 3, 2);
        Value left = b.Apply("Mul", query, b.Apply("Sqrt", scale));
        Value right = b.Apply("Mul", transposed, b.Apply("Sqrt", scale));
        return b.Apply("MatMul", b.Softmax(b.Apply("MatMul", left, right)), value);
    }
}
