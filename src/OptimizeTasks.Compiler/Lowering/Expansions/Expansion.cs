using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Expansions;

/// <summary>Takes one standard operator apart, by the formula of its specification, for those who have no kernel for it.</summary>
internal abstract class Expansion : Rule
{
    protected Expansion(CanonicalOperator canonical)
    {
        Result = new PlainOperators(canonical);
        Formulas = [Op(canonical.Name, _ => null, Any())];
    }

    /// <inheritdoc/>
    public override TargetOperator Result { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) =>
        match.Root.Inputs[0]!.ElementType is var type && type.IsComputable() ? null : $"'{match.Root.Inputs[0]!.Name}' is {type}";

    private sealed record PlainOperators(CanonicalOperator Canonical) : TargetOperator("plain operators")
    {
        public override string? Refuse(long opset, CompilerOptions options) => Canonical.IsExpandedFor(options) ? null : $"there are kernels for {Canonical.Name}";
    }
}
