using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>One of several spellings, tried in order.</summary>
internal sealed class AlternativePattern(ImmutableArray<Pattern> spellings) : Pattern
{
    /// <inheritdoc/>
    public override ImmutableArray<string> Roots => spellings.Any(s => s.Roots.IsEmpty) ? [] : [.. spellings.SelectMany(s => s.Roots).Distinct()];

    /// <inheritdoc/>
    protected override bool MatchUnbound(Value value, Matching matching, Func<bool> rest)
    {
        foreach (Pattern spelling in spellings)
        {
            if (spelling.Match(value, matching, rest))
                return true;
        }

        return false;
    }
}
