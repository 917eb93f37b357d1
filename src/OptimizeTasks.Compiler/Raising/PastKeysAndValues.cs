using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Keys and values behind those of earlier calls: Attention joins them itself and gives the joined ones back. Keys may be joined transposed.</summary>
internal sealed class PastKeysAndValues : Rule
{
    private readonly Pattern _queries = Any();
    private readonly Pattern _pastKeys = Any();
    private readonly Pattern _pastValues = Any();
    private readonly Pattern _newKeys = Any();
    private readonly Pattern _newValues = Any();
    private readonly Pattern _joinedTransposed;
    private readonly Pattern _keys;
    private readonly Pattern _values;

    public PastKeysAndValues()
    {
        _joinedTransposed = Joined(3, _pastKeys, _newKeys);
        _keys = Joined(2, _pastKeys, _newKeys) | Op("Transpose", n => TransposedKeys.IsExchange(n) ? null : "exchanges other axes", _joinedTransposed);
        _values = Joined(2, _pastValues, _newValues);
        Formulas = [PlainAttention.Of(_queries, _keys, _values)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Attention;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<Value> Exposed(Match match) => [match[_keys], match[_values]];

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if (match.Has(_joinedTransposed) && !TransposedKeys.IsTransposed(match[_pastKeys]))
            return $"'{match[_pastKeys].Name}' would have to be transposed";
        return match[_keys] == match[_values] ? "keys and values are one" : null;
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        (Value past, Value added) = match.Has(_joinedTransposed)
            ? (TransposedKeys.Restore(patch, match[_pastKeys]), TransposedKeys.Restore(patch, match[_newKeys]))
            : (match[_pastKeys], match[_newKeys]);
        ImmutableArray<Value> outputs = patch.Apply("Attention",
            [match[_queries], added, match[_newValues], match.Root.Input(3), past, match[_pastValues]], 3, match.Root.Attributes);
        patch.Replace(match[_keys], outputs[1]);
        patch.Replace(match[_values], outputs[2]);
        return outputs[0];
    }

    private static Pattern Joined(long axis, Pattern past, Pattern added) =>
        Op("Concat", n => n.Inputs.Count == 2 && (n.IntAttribute("axis") == axis || n.IntAttribute("axis") == axis - 4) ? null : "joins something else", past, added);
}
