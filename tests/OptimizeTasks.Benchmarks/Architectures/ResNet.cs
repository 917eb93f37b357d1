using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>ResNet (He et al., 2015) of torchvision with bottlenecks; the exporter folds every normalisation into its convolution.</summary>
internal sealed record ResNet(int Image, int Width, int[] Depths, int Classes)
{
    private const int Widening = 4;

    /// <summary>What a residual branch adds is smaller than what it adds to, as in trained models.</summary>
    private const float BranchGain = 0.5f;

    /// <summary>The sizes of ResNet-50: 26 million parameters.</summary>
    public static ResNet Fifty { get; } = new(Image: 224, Width: 64, Depths: [3, 4, 6, 3], Classes: 1000);

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 6);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        Value x = b.Apply("Relu", b.Conv("conv1", image, new Convolution(3, Width, 7, 2) { Padding = 3 }, folded: true));
        x = b.Apply("MaxPool", [new IntAttribute("ceil_mode", 0), .. ModuleBuilder.Window(new Convolution(Width, Width, 3, 2) { Padding = 1 }).Where(a => a.Name != "group")], x);
        long channels = Width;
        for (int stage = 0; stage < Depths.Length; stage++)
        {
            long inner = (long)Width << stage;
            for (int i = 0; i < Depths[stage]; i++)
            {
                long stride = i == 0 && stage > 0 ? 2 : 1;
                x = b.In(ModuleBuilder.Number(ModuleBuilder.Number("layer", stage + 1), i), () => Bottleneck(b, x, channels, inner, stride));
                channels = inner * Widening;
            }
        }

        x = b.Flatten(b.Apply("GlobalAveragePool", x));
        b.Output("logits", b.Gemm("fc", x, channels, Classes), batch, Dimension.Of(Classes));
        return b.Build();
    }

    private static Value Bottleneck(ModuleBuilder b, Value x, long inputs, long inner, long stride)
    {
        long outputs = inner * Widening;
        Value branch = b.Apply("Relu", b.Conv("conv1", x, new Convolution(inputs, inner, 1, Gain: 1.4f), folded: true));
        branch = b.Apply("Relu", b.Conv("conv2", branch, new Convolution(inner, inner, 3, stride, Gain: 1.4f) { Padding = 1 }, folded: true));
        branch = b.Conv("conv3", branch, new Convolution(inner, outputs, 1, Gain: BranchGain), folded: true);
        Value straight = inputs == outputs && stride == 1 ? x : b.Conv("downsample.0", x, new Convolution(inputs, outputs, 1, stride), folded: true);
        return b.Apply("Relu", b.Apply("Add", branch, straight));
    }
}
