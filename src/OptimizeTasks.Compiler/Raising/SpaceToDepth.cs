using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>[n, c, h·s, w·s] to [n, s²·c, h, w] by Reshape, Transpose and Reshape: SpaceToDepth-13.</summary>
internal sealed class SpaceToDepth : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _parted;

    public SpaceToDepth()
    {
        _parted = Op("Reshape", _x, Any());
        Formulas = [Op("Reshape", Op("Transpose", n => n.IntsAttribute("perm") is [0, 3, 5, 1, 2, 4] ? null : "moves other axes", _parted), Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.SpaceToDepth;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match[_x].ElementType is not (ElementType.Float or ElementType.Double))
            return $"'{match[_x].Name}' is {match[_x].ElementType}";
        if (match[_x].Shape is not { Rank: 4 } x || match[_parted].Shape is not { Rank: 6 } parted || match.Root.Output.Shape is not { Rank: 4 } result)
            return "the ranks are not 4, 6 and 4";
        return parted[3].TryGetValue(out _) && parted[3].Equals(parted[5]) && x[0].Equals(parted[0]) && x[1].Equals(parted[1]) && x[2].Equals(parted[2] * parted[3])
            && x[3].Equals(parted[4] * parted[5]) && result[0].Equals(x[0]) && result[2].Equals(parted[2]) && result[3].Equals(parted[4])
            ? null : $"'{match.Root.Output.Name}' does not have blocks as channels";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        match[_parted].Shape![3].TryGetValue(out long size);
        return patch.Apply("SpaceToDepth", [match[_x]], new IntAttribute("blocksize", size));
    }
}
