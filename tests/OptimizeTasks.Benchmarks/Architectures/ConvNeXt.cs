using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>ConvNeXt (Liu et al., 2022) of torchvision.</summary>
internal sealed record ConvNeXt(int Image, int[] Widths, int[] Depths, int Classes)
{
    private const float Epsilon = 1e-6f;
    private const int Widening = 4;

    /// <summary>The sizes of ConvNeXt-T: 29 million parameters.</summary>
    public static ConvNeXt Tiny { get; } = new(Image: 224, Widths: [96, 192, 384, 768], Depths: [3, 3, 9, 3], Classes: 1000);

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 8);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        Value x = b.Conv("features.0.0", image, new Convolution(3, Widths[0], 4, 4), Bias.Zero);
        x = Norm(b, "features.0.1", x, Widths[0]);
        for (int stage = 0; stage < Widths.Length; stage++)
        {
            long width = Widths[stage];
            if (stage > 0)
            {
                string downsample = ModuleBuilder.Number("features", 2 * stage);
                long before = Widths[stage - 1];
                x = b.In(downsample, () => b.Conv("1", Norm(b, "0", x, before), new Convolution(before, width, 2, 2), Bias.Zero));
            }

            for (int i = 0; i < Depths[stage]; i++)
                x = b.In(ModuleBuilder.Number(ModuleBuilder.Number("features", (2 * stage) + 1), i), () => Block(b, x, width));
        }

        long last = Widths[^1];
        x = b.Flatten(Norm(b, "classifier.0", b.Apply("GlobalAveragePool", x), last));
        b.Output("logits", b.Gemm("classifier.2", x, last, Classes, Bias.Zero), batch, Dimension.Of(Classes));
        return b.Build();
    }

    private static Value Block(ModuleBuilder b, Value x, long width)
    {
        Value branch = b.Conv("block.0", x, new Convolution(width, width, 7, Groups: width) { Padding = 3 }, Bias.Zero);
        branch = b.LayerNorm("block.2", b.Transpose(branch, 0, 2, 3, 1), width, Epsilon);
        branch = b.Gelu(b.Linear("block.3", branch, width, Widening * width, Bias.Zero));
        branch = b.Transpose(b.Linear("block.5", branch, Widening * width, width, Bias.Zero), 0, 3, 1, 2);
        Value scale = b.Tied("layer scale", "layer_scale", new WeightStatistics(0.05f, Centre: 0.3f), width, 1, 1);
        return b.Apply("Add", b.Apply("Mul", scale, branch), x);
    }

    /// <summary>LayerNorm2d: over the channels, which stand last meanwhile.</summary>
    private static Value Norm(ModuleBuilder b, string module, Value x, long width) =>
        b.Transpose(b.LayerNorm(module, b.Transpose(x, 0, 2, 3, 1), width, Epsilon), 0, 3, 1, 2);
}
