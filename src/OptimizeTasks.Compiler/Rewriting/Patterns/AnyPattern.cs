using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>A variable of the formula: any value that fulfils the condition.</summary>
/// <param name="condition">Null where the value does, else what is in the way.</param>
internal sealed class AnyPattern(Func<Value, string?>? condition = null) : Pattern
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Roots => [];

    /// <inheritdoc/>
    protected override bool MatchUnbound(Value value, Matching matching, Func<bool> rest) =>
        condition?.Invoke(value) is { } reason ? matching.Refuse(value, reason) : rest();
}
