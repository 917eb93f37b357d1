using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>A rewrite: what it sees, when it holds, and what it puts there.</summary>
internal abstract class Rule
{
    /// <summary>The name that options and reports use.</summary>
    public string Name => GetType().Name;

    /// <summary>The operator that takes the formula's place.</summary>
    public abstract TargetOperator Result { get; }

    /// <summary>The formulas of what the rule sees, tried in this order; the value of each is what the rule replaces.</summary>
    public abstract ImmutableArray<Pattern> Formulas { get; }

    /// <summary>When it holds: null, or the reason why it does not.</summary>
    public virtual string? Refuse(Match match) => null;

    /// <summary>Values inside the match that may be used outside, beside the result: the patch replaces them too.</summary>
    public virtual IReadOnlyCollection<Value> Exposed(Match match) => [];

    /// <summary>Builds what takes the formula's place. Null where that turns out impossible: the patch says why.</summary>
    public abstract Value? Put(Match match, Patch patch);
}
