using System.Collections.Immutable;

namespace OptimizeTasks.Manifest.Tests;

internal static class SampleManifest
{
    public static ValueSignature Tensor(string name, ElementType type, params DimensionSignature[] dimensions) =>
        new() { Name = name, Type = new TensorSignature { ElementType = type, Dimensions = [.. dimensions] } };

    public static Signature Signature { get; } = new()
    {
        Inputs =
        [
            Tensor("input_ids", ElementType.Int64, DimensionSignature.Of("batch"), DimensionSignature.Of("sequence")) with { DocString = "токены" },
            Tensor("threshold", ElementType.Float) with { HasDefault = true },
        ],
        Outputs =
        [
            Tensor("scores", ElementType.BFloat16, DimensionSignature.Of("batch"), DimensionSignature.Of(10), DimensionSignature.Unknown),
            new()
            {
                Name = "classes",
                Type = new SequenceSignature
                {
                    Element = new MapSignature { Key = ElementType.Int64, Value = new OptionalSignature { Element = new TensorSignature { ElementType = ElementType.Float } } },
                },
            },
        ],
        Contracts = [new("input_ids", InputContract.RightPadded)],
        Description = new()
        {
            ProducerName = "pytorch",
            // The text is in ordinal order, whatever the order of the map.
            Metadata = ImmutableSortedDictionary.Create<string, string>(Comparer<string>.Create((x, y) => string.CompareOrdinal(y, x))).Add("b", "2").Add("B", "1").Add("a", "<3>"),
        },
    };

    public static CompiledModel Model { get; } = new()
    {
        Name = "minilm",
        SourceHash = "sha256:00",
        Signature = Signature,
        Variants =
        [
            new()
            {
                Name = "default",
                File = "minilm.onnx",
                DataFiles = ["minilm.onnx.data"],
                When = new()
                {
                    Provider = "Cuda",
                    Dimensions = ImmutableSortedDictionary<string, DimensionRange>.Empty.Add("sequence", new(1, 512)),
                },
                LoadOptimization = LoadOptimization.Extended,
            },
        ],
    };
}
