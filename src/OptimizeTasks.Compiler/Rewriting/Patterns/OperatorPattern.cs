using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>The result of one standard operator.</summary>
/// <param name="opType">The operator.</param>
/// <param name="inputs">Its inputs; further ones must be absent unless <see cref="TakesMore"/>.</param>
internal sealed class OperatorPattern(string opType, ImmutableArray<Pattern> inputs) : Pattern
{
    /// <summary>Whether two inputs can change places.</summary>
    public bool IsCommutative { get; init; }

    /// <summary>Whether the node may have more inputs, which <see cref="Condition"/> looks at.</summary>
    public bool TakesMore { get; init; }

    /// <summary>What the node must fulfil: null where it does, else what is in the way.</summary>
    public Func<Node, string?>? Condition { get; init; }

    /// <summary>Which of the node's outputs the value is.</summary>
    public int OutputIndex { get; init; }

    /// <summary>Whether others may use the value as well: it is computed twice then.</summary>
    public bool IsShareable { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<string> Roots => [opType];

    /// <inheritdoc/>
    protected override bool MatchUnbound(Value value, Matching matching, Func<bool> rest)
    {
        if (value.Producer is not { } node || !node.Is(opType) || value.OutputIndex != OutputIndex)
            return matching.RefuseOperator(value, opType);
        if (node.Graph != matching.Graph)
            return matching.Refuse(value, "is computed outside of the subgraph");
        if (node.Inputs.Count < inputs.Length || (!TakesMore && node.Inputs.Skip(inputs.Length).Any(i => i is not null)))
            return matching.Refuse(value, $"is computed by {opType} with {node.Inputs.Count(i => i is not null)} inputs");
        if (Condition?.Invoke(node) is { } reason)
            return matching.Refuse(value, reason);

        matching.Push(node, IsShareable);
        if (MatchInputs(node, 0, swapped: false, matching, rest) || (IsCommutative && MatchInputs(node, 0, swapped: true, matching, rest)))
            return true;
        matching.Pop();
        return false;
    }

    private bool MatchInputs(Node node, int index, bool swapped, Matching matching, Func<bool> rest)
    {
        if (index == inputs.Length)
            return rest();
        return node.Inputs[swapped ? 1 - index : index] is { } input
            && inputs[index].Match(input, matching, () => MatchInputs(node, index + 1, swapped, matching, rest));
    }
}
