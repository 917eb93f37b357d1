using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>Swin Transformer (Liu et al., 2021) of torchvision: attention in windows, every other time in shifted ones.</summary>
internal sealed record Swin(int Image, int Patch, int Hidden, int[] Depths, int[] Heads, int Window, int Classes)
{
    private const float Epsilon = 1e-5f;
    private const int Widening = 4;

    /// <summary>The sizes of Swin-T: 28 million parameters.</summary>
    public static Swin Tiny { get; } = new(Image: 224, Patch: 4, Hidden: 96, Depths: [2, 2, 6, 2], Heads: [3, 6, 12, 24], Window: 7, Classes: 1000);

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 2);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        Value x = b.In("features.0", () => b.Conv("0", image, new Convolution(3, Hidden, Patch, Patch)));
        x = b.LayerNorm("features.0.2", b.Transpose(x, 0, 2, 3, 1), Hidden, Epsilon);

        long size = Hidden;
        int side = Image / Patch;
        for (int stage = 0; stage < Depths.Length; stage++)
        {
            if (stage > 0)
            {
                x = b.In(ModuleBuilder.Number("features", 2 * stage), () => Merge(b, x, size));
                size *= 2;
                side = (side + 1) / 2;
            }

            for (int i = 0; i < Depths[stage]; i++)
            {
                // A window as large as the image cannot be shifted.
                int shift = i % 2 == 1 && side > Window ? Window / 2 : 0;
                x = b.In(ModuleBuilder.Number(ModuleBuilder.Number("features", (2 * stage) + 1), i), () => Block(b, x, size, Heads[stage], shift));
            }
        }

        x = b.LayerNorm("norm", x, size, Epsilon);
        x = b.Flatten(b.Apply("GlobalAveragePool", b.Transpose(x, 0, 3, 1, 2)));
        b.Output("logits", b.Gemm("head", x, size, Classes, Bias.Zero), batch, Dimension.Of(Classes));
        return b.Build();
    }

    private Value Block(ModuleBuilder b, Value x, long size, int heads, int shift)
    {
        Value attended = b.In("attn", () => new WindowAttention(b, size, heads, Window, shift).Apply(b.LayerNorm("norm1", x, size, Epsilon)));
        Value sum = b.Apply("Add", x, attended);
        Value inner = b.Gelu(b.Linear("mlp.0", b.LayerNorm("norm2", sum, size, Epsilon), size, Widening * size, Bias.Zero));
        return b.Apply("Add", sum, b.Linear("mlp.3", inner, Widening * size, size, Bias.Zero));
    }

    /// <summary>Half the rows and columns, twice the channels.</summary>
    private static Value Merge(ModuleBuilder b, Value x, long size)
    {
        Value height = b.Size(x, 1);
        Value width = b.Size(x, 2);
        Value below = b.Apply("Mod", [new IntAttribute("fmod", 0)], width, b.Scalar(2));
        Value right = b.Apply("Mod", [new IntAttribute("fmod", 0)], height, b.Scalar(2));
        Value padded = WindowAttention.Pad(b, x, below, right);
        Value even = b.Slice(padded, 1, 0, Extent.End, 2);
        Value x0 = b.Slice(even, 2, 0, Extent.End, 2);
        Value odd = b.Slice(padded, 1, 1, Extent.End, 2);
        Value x1 = b.Slice(odd, 2, 0, Extent.End, 2);
        Value x2 = b.Slice(even, 2, 1, Extent.End, 2);
        Value x3 = b.Slice(odd, 2, 1, Extent.End, 2);
        Value normal = b.LayerNorm("norm", b.Concat(-1, x0, x1, x2, x3), 4 * size, Epsilon);
        return b.Linear("reduction", normal, 4 * size, 2 * size, bias: null);
    }
}
