using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>Every model that benchmarks build, by the name that the command line takes.</summary>
internal static class Catalogue
{
    public static SortedDictionary<string, Func<Model>> All { get; } = new(StringComparer.Ordinal)
    {
        ["bert-base"] = Bert.Base.Build,
        ["bert-base-opset14"] = (Bert.Base with { Opset = 14 }).Build,
        ["minilm-l6"] = Bert.MiniLm.Build,
        ["gpt2"] = Gpt2.Small.Build,
        ["gpt2-without-past"] = (Gpt2.Small with { Past = false }).Build,
        ["llama-1b"] = Llama.Small.Build,
        ["vit-b16"] = VisionTransformer.Base16.Build,
        ["swin-t"] = Swin.Tiny.Build,
        ["resnet50"] = ResNet.Fifty.Build,
        ["mobilenet-v2"] = MobileNetV2.One.Build,
        ["convnext-t"] = ConvNeXt.Tiny.Build,
        ["densenet121"] = DenseNet.OneTwentyOne.Build,
        ["perceptron-3gb"] = Perceptron.Large.Build,
        ["perceptron-100k"] = Perceptron.OfNodes(100_000).Build,
        ["perceptron-200k"] = Perceptron.OfNodes(200_000).Build,
    };
}
