using OptimizeTasks.Compiler.Lowering.GroupedQueries;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>The same with the rotations of queries and keys inside, where positions are promised to be consecutive: the kernel counts them itself.</summary>
internal sealed class RotaryGroupQueryAttention() : GroupQueryAttention(Op("RotaryEmbedding", _ => null, Any()), Op("RotaryEmbedding", _ => null, Any()))
{
    /// <inheritdoc/>
    protected override (Value Queries, Value Keys, Value? Cosines, Value? Sines)? Queries(Match match, Patch patch, PaddedRows rows)
    {
        Node queries = match.Root.Inputs[0]!.Producer!;
        Node keys = match.Root.Inputs[1]!.Producer!;
        if (Refuse(queries, keys, new AttentionHeads(match.Root)) is { } reason)
        {
            patch.Refuse(reason);
            return null;
        }

        if (patch.PromisedInput(InputContract.Consecutive, _ => true) is not { } positions)
        {
            patch.Refuse($"no input is promised to be {InputContract.Consecutive}");
            return null;
        }

        var tables = new RotationTables(patch, positions, rows.Total);
        if (tables.Of(queries, 1) is { } cosines && tables.Of(queries, 2) is { } sines)
            return (queries.Inputs[0]!, keys.Inputs[0]!, cosines, sines);
        patch.Refuse($"'{queries.Inputs[1]!.Name}' is not known to follow from '{positions.Name}' alone");
        return null;
    }

    private static string? Refuse(Node queries, Node keys, AttentionHeads heads)
    {
        if (queries.Inputs.Skip(1).SequenceEqual(keys.Inputs.Skip(1)) is false)
            return "queries and keys are turned by other angles";
        if (new[] { queries, keys }.Any(n => n.IntAttribute("interleaved") != 0 || n.IntAttribute("rotary_embedding_dim") is not 0 and var part && part != heads.Size))
            return "neighbours or a part are turned";
        return heads.Size % 16 == 0 ? null : $"heads of {heads.Size} are turned, where the kernel takes multiples of 16";
    }
}
