using System.Collections.Immutable;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>What a table shows.</summary>
/// <param name="Models">The names of the models, in order.</param>
/// <param name="Rounds">How often every contender runs, beside one time that does not count.</param>
internal sealed record TableOptions(ImmutableArray<string> Models, int Rounds)
{
    /// <summary>The models that docs/benchmarks.md shows.</summary>
    public static ImmutableArray<string> Usual { get; } = ["bert-base", "gpt2", "swin-t", "vit-b16", "resnet50", "mobilenet-v2", "convnext-t", "densenet121", "llama-1b"];
}
