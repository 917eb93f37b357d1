using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// Finds the outputs that feed inputs of the next run. The format does not say it: exporters name the two alike
/// (<c>state</c> and <c>stateN</c>, <c>h0</c> and <c>hn</c>, <c>c_in</c> and <c>c_out</c>), and their types agree.
/// </summary>
internal static class RecurrentStates
{
    private static readonly string[] s_inputPrefixes = ["", "in_", "input_", "prev_", "old_"];
    private static readonly string[] s_inputSuffixes = ["", "0", "_0", "_in", ".in", "_prev", "_old", "_input"];
    private static readonly string[] s_outputPrefixes = ["", "out_", "output_", "next_", "new_"];
    private static readonly string[] s_outputSuffixes = ["", "n", "_n", "1", "_1", "_out", ".out", "_next", "_new", "_output"];

    /// <summary>The pairs, in the order of the inputs; none where every input or every output would be state.</summary>
    public static ImmutableArray<StatePair> Find(ImmutableArray<ValueSignature> inputs, ImmutableArray<ValueSignature> outputs)
    {
        var pairs = ImmutableArray.CreateBuilder<StatePair>();
        ILookup<string, int> byStem = outputs
            .SelectMany((o, i) => Stems(o.Name, s_outputPrefixes, s_outputSuffixes).Select(stem => (stem, i)))
            .ToLookup(p => p.stem, p => p.i, StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueSignature input in inputs)
        {
            IEnumerable<int> candidates = Stems(input.Name, s_inputPrefixes, s_inputSuffixes).SelectMany(stem => byStem[stem]).Distinct().Order();
            ValueSignature? output = candidates.Select(i => outputs[i]).FirstOrDefault(o => !taken.Contains(o.Name) && TypesAgree(input.Type, o.Type));
            if (output is not null && taken.Add(output.Name))
                pairs.Add(new StatePair(input.Name, output.Name));
        }

        return pairs.Count < inputs.Length && pairs.Count < outputs.Length ? pairs.ToImmutable() : [];
    }

    private static IEnumerable<string> Stems(string name, string[] prefixes, string[] suffixes) =>
        from prefix in prefixes
        from suffix in suffixes
        where name.Length > prefix.Length + suffix.Length
            && name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
        select name[prefix.Length..^suffix.Length];

    private static bool TypesAgree(TypeSignature input, TypeSignature output) =>
        input is TensorSignature { Dimensions: { } from } a && output is TensorSignature { Dimensions: { } to } b
        && a.ElementType == b.ElementType && from.Length == to.Length && from.Zip(to).All(Agree);

    /// <summary>A size that nothing is known of may be any: exporters often leave those of outputs out.</summary>
    private static bool Agree((DimensionSignature Input, DimensionSignature Output) pair) =>
        pair.Input == pair.Output || pair.Input == DimensionSignature.Unknown || pair.Output == DimensionSignature.Unknown;
}
