using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>[n, c·s², h, w] to [n, c, h·s, w·s] by Reshape, Transpose and Reshape, where s² or c comes first in the channels: DepthToSpace-13.</summary>
internal sealed class DepthToSpace : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _parted;
    private readonly Pattern _moved;

    public DepthToSpace()
    {
        _parted = Op("Reshape", _x, Any());
        _moved = Op("Transpose", n => n.IntsAttribute("perm") is [0, 3, 4, 1, 5, 2] or [0, 1, 4, 2, 5, 3] ? null : "moves other axes", _parted);
        Formulas = [Op("Reshape", _moved, Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.DepthToSpace;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match[_x].ElementType is not (ElementType.Float or ElementType.Double))
            return $"'{match[_x].Name}' is {match[_x].ElementType}";
        if (match[_x].Shape is not { Rank: 4 } x || match[_parted].Shape is not { Rank: 6 } parted || match.Root.Output.Shape is not { Rank: 4 } result)
            return "the ranks are not 4, 6 and 4";
        int block = Block(match);
        return parted[block].TryGetValue(out _) && parted[block].Equals(parted[block + 1]) && x[0].Equals(parted[0]) && x[2].Equals(parted[4]) && x[3].Equals(parted[5])
            && result[0].Equals(x[0]) && result[2].Equals(x[2] * parted[block]) && result[3].Equals(x[3] * parted[block])
            ? null : $"'{match.Root.Output.Name}' is no picture of blocks";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        match[_parted].Shape![Block(match)].TryGetValue(out long size);
        return patch.Apply("DepthToSpace", [match[_x]], new IntAttribute("blocksize", size), new StringAttribute("mode", Block(match) == 1 ? "DCR" : "CRD"));
    }

    /// <summary>The first of the two axes of a block.</summary>
    private int Block(Match match) => match[_moved].Producer!.IntsAttribute("perm")!.Value[1] == 3 ? 1 : 2;
}
