using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Keys in the order in which queries are multiplied by them, [batch, heads, size, sequence], and back.</summary>
internal static class TransposedKeys
{
    /// <summary>Exchanges the last two of four axes.</summary>
    public static Permutation LastAxes { get; } = Permutation.Of([0, 1, 3, 2])!;

    /// <summary>Whether the node exchanges the last two of four axes.</summary>
    public static bool IsExchange(Node node) => Permutation.Of(node) is { Rank: 4, ExchangesLastAxes: true };

    /// <summary>Whether going back takes no Transpose more than there is.</summary>
    public static bool IsTransposed(Value value) => value.Producer is { } node && Permutation.Of(node) is { Rank: 4 };

    /// <summary>[batch, heads, sequence, size]: what was transposed, or one Transpose of it.</summary>
    public static Value Restore(Patch patch, Value transposed) => transposed.Producer is { } node && Permutation.Of(node) is { Rank: 4 } order
        ? Restore(patch, node.Inputs[0]!, order)
        : patch.Apply("Transpose", [transposed], LastAxes.ToAttribute());

    /// <summary>The same from what was transposed, and how.</summary>
    public static Value Restore(Patch patch, Value source, Permutation order)
    {
        Permutation keys = order.Then(LastAxes);
        return keys.IsIdentity ? source : patch.Apply("Transpose", [source], keys.ToAttribute());
    }
}
