using System.Collections.Frozen;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Facts about operators that several passes need.</summary>
internal static class Operators
{
    private static readonly FrozenSet<string> s_random = new[] { "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli" }
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// Whether the node computes the same whenever its inputs are the same, as far as ONNX's specification says. Nodes of
    /// other domains may do anything.
    /// </summary>
    public static bool IsDeterministic(this Node node) => node.Domain.Length == 0 && !s_random.Contains(node.OpType) && !node.IsTraining()
        && node.Subgraphs.All(g => g.Nodes.All(IsDeterministic));

    /// <summary>Whether the node behaves as in training: its result is random, or it has more outputs.</summary>
    private static bool IsTraining(this Node node) => node.OpType switch
    {
        "Dropout" => node.Input(2) is { } mode && !mode.IsAll(0),
        "BatchNormalization" => node.IntAttribute("training_mode") != 0,
        _ => false,
    };
}
