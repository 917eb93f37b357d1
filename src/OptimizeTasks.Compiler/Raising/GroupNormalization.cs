using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>InstanceNormalization of channels reshaped into groups, reshaped back, with a scale and a bias for each channel (Wu and He, 2018): GroupNormalization-21.</summary>
internal sealed class GroupNormalization : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _groups;
    private readonly Pattern _normalized;
    private readonly Pattern _scale = Any();
    private readonly Pattern _bias = Any();

    public GroupNormalization()
    {
        _groups = Op("Reshape", _x, Any());
        _normalized = Op("InstanceNormalization", _groups, Any(v => v.IsAll(1) ? null : "is not 1"), Any(v => v.IsAll(0) ? null : "is not 0"));
        Formulas = [(Op("Reshape", _normalized, Any()) * _scale) + _bias];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.GroupNormalization;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match[_x].Shape is not { Rank: >= 3 } x || !x[1].TryGetValue(out long channels) || match[_groups].Shape is not { Rank: 3 } groups
            || !groups[1].TryGetValue(out long count) || count <= 0 || channels % count != 0 || !groups[0].Equals(x[0]))
            return $"'{match[_groups].Name}' does not group the channels of '{match[_x].Name}'";
        if (match.Root.Output.Shape is not { } result || !result.Equals(x))
            return $"'{match.Root.Output.Name}' does not have the shape of '{match[_x].Name}'";
        return new[] { match[_scale], match[_bias] }.FirstOrDefault(v => !IsPerChannel(v, channels, x.Rank)) is { } other ? $"'{other.Name}' is no constant for each of {channels} channels" : null;
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        match[_groups].Shape![1].TryGetValue(out long groups);
        return patch.Apply("GroupNormalization", [match[_x], Flat(patch, match[_scale]), Flat(patch, match[_bias])],
            new IntAttribute("num_groups", groups), new FloatAttribute("epsilon", match[_normalized].Producer!.FloatAttribute("epsilon", 1e-5f)));
    }

    private static bool IsPerChannel(Value value, long channels, int rank) => value.Constant is { } tensor && tensor.ElementCount == channels && tensor.Rank <= rank
        && tensor.Rank >= rank - 1 && tensor.Dimensions[tensor.Rank - rank + 1] == channels;

    private static Value Flat(Patch patch, Value value) => patch.Constant(value.Name, new Tensor(value.Constant!.ElementType, [value.Constant.ElementCount], value.Constant.Data));
}
