using System.Collections.Immutable;
using OptimizeTasks.Benchmarks.Measuring;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>A model and what it is run on.</summary>
/// <param name="Model">The model.</param>
/// <param name="Label">What it is run on: a prompt, a step with a past, or a picture.</param>
/// <param name="Fuse">How onnxruntime.transformers fuses it; null where it knows no such model.</param>
/// <param name="Symbols">Sizes of its symbols.</param>
internal sealed record Workload(string Model, string Label, Action<string, string>? Fuse = null, params ImmutableArray<(string Name, long Size)> Symbols)
{
    /// <summary>The workloads that docs/benchmarks.md shows.</summary>
    public static ImmutableArray<Workload> All { get; } =
    [
        new("bert-base", "128 tokens", PeerFusion.FuseEncoder),
        new("minilm-l6", "128 tokens", PeerFusion.FuseEncoder),
        new("vit-b16", "one picture", PeerFusion.FuseOthers),
        new("swin-t", "one picture"),
        new("convnext-t", "one picture"),
        new("resnet50", "one picture"),
        new("mobilenet-v2", "one picture"),
        new("gpt2-without-past", "64 tokens", PeerFusion.FuseOthers, ("sequence_length", 64)),
        new("gpt2", "one token behind 64", PeerFusion.FuseOthers, ("sequence_length", 1), ("past_sequence_length", 64)),
        new("llama-1b", "one token behind 64", null, ("sequence_length", 1), ("past_sequence_length", 64), ("total_sequence_length", 65)),
    ];

    /// <summary>Those of the models that a table is to show.</summary>
    public static IEnumerable<Workload> Chosen(TableOptions options) => All.Where(w => options.Models == TableOptions.Usual || options.Models.Contains(w.Model));

    /// <summary>Sizes of the model's symbols.</summary>
    public ImmutableSortedDictionary<string, long> Sizes => Symbols.ToImmutableSortedDictionary(s => s.Name, s => s.Size);

    /// <summary>The first cell of the model's rows.</summary>
    public override string ToString() => $"{Model}, {Label}";
}
