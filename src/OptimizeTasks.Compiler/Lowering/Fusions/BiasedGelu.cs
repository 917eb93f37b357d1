using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Gelu(x + bias), with one number of the bias for each place of the last axis.</summary>
internal abstract class BiasedGelu : Rule
{
    private readonly Kernel _kernel;
    private readonly Pattern _x = Any();
    private readonly Pattern _bias = Any(v => v.Constant is { Rank: 1 } ? null : "is no constant of rank 1");

    protected BiasedGelu(string approximation, Kernel kernel)
    {
        _kernel = kernel;
        Formulas = [Op("Gelu", n => n.StringAttribute("approximate", "none") == approximation ? null : "is approximated otherwise", _x + _bias)];
    }

    /// <inheritdoc/>
    public override TargetOperator Result => _kernel;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) =>
        match[_x].Shape is { Rank: > 0 } shape && shape[^1].Equals(match[_bias].Shape![0]) ? null : $"'{match[_bias].Name}' does not have the last size of '{match[_x].Name}'";

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply(_kernel, [match[_x], match[_bias]]);
}
