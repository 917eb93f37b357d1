using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>DenseNet (Huang et al., 2016) of torchvision: the normalisations before convolutions stay, those behind them the exporter folds.</summary>
internal sealed record DenseNet(int Image, int Growth, int[] Depths, int Stem, int Classes)
{
    private const float Epsilon = 1e-5f;
    private const int Bottleneck = 4;

    /// <summary>The sizes of DenseNet-121: 8 million parameters.</summary>
    public static DenseNet OneTwentyOne { get; } = new(Image: 224, Growth: 32, Depths: [6, 12, 24, 16], Stem: 64, Classes: 1000);

    public Model Build()
    {
        var b = new ModuleBuilder(opset: 17, seed: 9);
        Dimension batch = Dimension.OfSymbol("batch");
        Value image = b.Input("pixel_values", ElementType.Float, batch, Dimension.Of(3), Dimension.Of(Image), Dimension.Of(Image));
        Value x = b.Apply("Relu", b.Conv("features.conv0", image, new Convolution(3, Stem, 7, 2) { Padding = 3 }, folded: true));
        x = b.Apply("MaxPool", [new IntAttribute("ceil_mode", 0), .. ModuleBuilder.Window(new Convolution(Stem, Stem, 3, 2) { Padding = 1 }).Where(a => a.Name != "group")], x);
        long channels = Stem;
        for (int block = 0; block < Depths.Length; block++)
        {
            x = b.In(ModuleBuilder.Number("features.denseblock", block + 1), () => Dense(b, x, ref channels, Depths[block]));
            if (block < Depths.Length - 1)
                x = b.In(ModuleBuilder.Number("features.transition", block + 1), () => Transition(b, x, channels));
            channels = block < Depths.Length - 1 ? channels / 2 : channels;
        }

        x = Normalized(b, "features.norm5", x, channels);
        x = b.Flatten(b.Apply("GlobalAveragePool", x));
        b.Output("logits", b.Gemm("classifier", x, channels, Classes, Bias.Zero), batch, Dimension.Of(Classes));
        return b.Build();
    }

    private Value Dense(ModuleBuilder b, Value x, ref long channels, int depth)
    {
        List<Value> features = [x];
        for (int i = 0; i < depth; i++)
        {
            long inputs = channels;
            features.Add(b.In(ModuleBuilder.Number("denselayer", i + 1), () => Layer(b, b.Concat(1, [.. features]), inputs)));
            channels += Growth;
        }

        return b.Concat(1, [.. features]);
    }

    private Value Layer(ModuleBuilder b, Value x, long inputs)
    {
        long inner = Bottleneck * Growth;
        Value y = b.Apply("Relu", b.Conv("conv1", Normalized(b, "norm1", x, inputs), new Convolution(inputs, inner, 1, Gain: 1.4f), folded: true));
        return b.Conv("conv2", y, new Convolution(inner, Growth, 3, Gain: 1.4f) { Padding = 1 }, bias: null);
    }

    private static Value Transition(ModuleBuilder b, Value x, long channels)
    {
        Value y = b.Conv("conv", Normalized(b, "norm", x, channels), new Convolution(channels, channels / 2, 1, Gain: 1.4f), bias: null);
        Value padded = b.Apply("Pad", [new StringAttribute("mode", "constant")], y, b.Vector(0, 0, 0, 0, 0, 0, 0, 0));
        return b.Apply("AveragePool", [new IntAttribute("ceil_mode", 0), new IntsAttribute("kernel_shape", [2, 2]), new IntsAttribute("pads", [0, 0, 0, 0]), new IntsAttribute("strides", [2, 2])], padded);
    }

    private static Value Normalized(ModuleBuilder b, string module, Value x, long channels) => b.In(module, () => b.Apply("Relu", b.Apply(
        "BatchNormalization",
        [new FloatAttribute("epsilon", Epsilon), new FloatAttribute("momentum", 0.9f), new IntAttribute("training_mode", 0)],
        x,
        b.Weight("weight", WeightStatistics.NormScale, channels),
        b.Weight("bias", WeightStatistics.Shift, channels),
        b.Weight("running_mean", WeightStatistics.Shift, channels),
        b.Weight("running_var", WeightStatistics.Variance, channels))));
}
