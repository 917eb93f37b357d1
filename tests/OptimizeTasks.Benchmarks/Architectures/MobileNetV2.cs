using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>MobileNetV2 (Sandler et al., 2018) of torchvision; the exporter folds every normalisation into its convolution.</summary>
internal sealed record MobileNetV2(int Image, double Width, int Classes)
{
    /// <summary>The sizes of the paper: 3.5 million parameters.</summary>
    public static MobileNetV2 One { get; } = new(Image: 224, Width: 1, Classes: 1000);

    /// <summary>Expansion, channels, blocks and stride of the first block.</summary>
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] s_stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 7);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        long channels = Channels(32);
        Value x = Clipped(b, "features.0", image, new Convolution(3, channels, 3, 2) { Padding = 1 });
        int number = 1;
        foreach ((int expansion, int width, int blocks, int first) in s_stages)
        {
            for (int i = 0; i < blocks; i++)
            {
                long outputs = Channels(width), stride = i == 0 ? first : 1;
                x = b.In(ModuleBuilder.Number("features", number++), () => Inverted(b, x, channels, outputs, expansion, stride));
                channels = outputs;
            }
        }

        long last = Math.Max(1280, Channels(1280));
        x = Clipped(b, ModuleBuilder.Number("features", number), x, new Convolution(channels, last, 1));
        x = b.Flatten(b.Apply("GlobalAveragePool", x));
        b.Output("logits", b.Gemm("classifier.1", x, last, Classes), batch, Dimension.Of(Classes));
        return b.Build();
    }

    private static Value Inverted(ModuleBuilder b, Value x, long inputs, long outputs, int expansion, long stride)
    {
        long inner = inputs * expansion;
        Value branch = expansion == 1 ? x : Clipped(b, "expand", x, new Convolution(inputs, inner, 1));
        branch = Clipped(b, "depthwise", branch, new Convolution(inner, inner, 3, stride, Groups: inner) { Padding = 1 });
        branch = b.Conv("project", branch, new Convolution(inner, outputs, 1), folded: true);
        return stride == 1 && inputs == outputs ? b.Apply("Add", x, branch) : branch;
    }

    private static Value Clipped(ModuleBuilder b, string module, Value x, Convolution convolution)
    {
        Value y = b.Conv(module, x, convolution with { Gain = 1.4f }, folded: true);
        return b.Apply("Clip", y, b.Constant(0f), b.Constant(6f));
    }

    /// <summary>To a multiple of 8 that is at most a tenth smaller.</summary>
    private long Channels(int channels)
    {
        double wanted = channels * Width;
        long rounded = Math.Max(8, (long)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }
}
