using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>The symbolic dimensions of a model's inputs, and sizes for them.</summary>
internal sealed class SizePlan
{
    private const int LargerLength = 19;
    private const int SideStep = 32;
    private const int TypicalLength = 128;
    private const int TypicalSide = 224;
    private readonly ImmutableSortedDictionary<string, long> _fixed;
    private readonly long? _length;
    private readonly SortedDictionary<string, SizeKind> _kinds = new(StringComparer.Ordinal);

    public SizePlan(IReadOnlyList<InputSpecification> inputs, IReadOnlyDictionary<string, long> fixedSizes)
    {
        _fixed = fixedSizes.ToImmutableSortedDictionary(StringComparer.Ordinal);
        HashSet<string> symbols = [.. inputs.SelectMany(i => i.Sizes).Select(s => s.Symbol).OfType<string>()];
        // A total length follows from a length that is fixed, too.
        _length = symbols.Order(StringComparer.Ordinal).Where(s => _fixed.ContainsKey(s) && KindOf(s, inputs) == SizeKind.Length).Select(s => (long?)_fixed[s]).FirstOrDefault();
        foreach (string symbol in symbols)
        {
            // An expression follows from its names, if these are dimensions too.
            IReadOnlyList<string> names = SizeExpression.Names(symbol);
            if (!_fixed.ContainsKey(symbol) && (names.Count == 0 || !names.All(n => symbols.Contains(n) || _fixed.ContainsKey(n))))
                _kinds.Add(symbol, KindOf(symbol, inputs));
        }
    }

    private enum SizeKind
    {
        Batch,

        /// <summary>A length, at least once in a last dimension.</summary>
        Length,

        /// <summary>A length in a dimension between others.</summary>
        InnerLength,
        Past,
        Total,
        Side,
    }

    /// <summary>The symbols whose sizes may be chosen.</summary>
    public IReadOnlyCollection<string> Symbols => _kinds.Keys;

    public bool HasPast => _kinds.ContainsValue(SizeKind.Past);

    public IEnumerable<SizeVariant> Variants =>
        SizeVariant.All(_kinds.ContainsValue(SizeKind.Batch), _kinds.ContainsValue(SizeKind.Total), _kinds.Values.Count(k => k is SizeKind.Length or SizeKind.InnerLength), _kinds.ContainsValue(SizeKind.Side));

    public Sizing Sizes(SizeGoal goal, SizeVariant variant)
    {
        long length = _length ?? LengthOf(
            goal.Length,
            usual: variant.Length,
            typical: variant.Length == SizeVariant.FirstLength ? TypicalLength : variant.Length,
            larger: variant.Length < SideStep ? LargerLength : variant.Length * 2);
        ImmutableSortedDictionary<string, long>.Builder sizes = _fixed.ToBuilder();
        int lengths = 0;
        foreach ((string symbol, SizeKind kind) in _kinds)
        {
            bool one = symbol == goal.One;
            sizes[symbol] = kind switch
            {
                SizeKind.Batch => one ? 1 : variant.Batch ?? goal.Batch,
                SizeKind.Past => one ? 1 : goal.Past,
                SizeKind.Side => one ? 1 : LengthOf(goal.Length, variant.Side, variant.Side == SizeVariant.FirstSide ? TypicalSide : variant.Side, variant.Side + SideStep),
                SizeKind.Length or SizeKind.InnerLength when one => 1,
                SizeKind.InnerLength when variant.Lengths == LengthRelation.LastOnly => variant.Batch ?? goal.Batch,
                // Lengths that need not be equal are not, so that one is not taken for the other.
                SizeKind.Length or SizeKind.InnerLength => goal.Length == LengthGoal.One || variant.Lengths == LengthRelation.Equal ? length : length + lengths++,
                _ => variant.Total switch
                {
                    TotalLength.PastAndLength => goal.Past + length,
                    TotalLength.Length => length,
                    _ => goal.Past,
                },
            };
        }

        return new Sizing(sizes.ToImmutable(), length, HasPast ? goal.Past : 0);
    }

    private static long LengthOf(LengthGoal goal, long usual, long typical, long larger) => goal switch
    {
        LengthGoal.One => 1,
        LengthGoal.Usual => usual,
        LengthGoal.Typical => typical,
        _ => larger,
    };

    private static SizeKind KindOf(string symbol, IReadOnlyList<InputSpecification> inputs)
    {
        (InputSpecification Input, int Axis)[] places =
            [.. inputs.SelectMany(i => i.Sizes.Select((s, axis) => (Input: i, Axis: axis, s.Symbol))).Where(p => p.Symbol == symbol).Select(p => (p.Input, p.Axis))];
        if ((Has(symbol, "batch") && !Has(symbol, "len")) || symbol is "N" or "B" || places.All(p => p.Axis == 0 && p.Input.Sizes.Length > 1))
            return SizeKind.Batch;
        if (Has(symbol, "total"))
            return SizeKind.Total;
        if (IsPast(symbol) || places.All(p => IsPast(p.Input.Name)))
            return SizeKind.Past;
        if (places.All(p => p.Input.Role == InputRole.Mask && p.Axis == p.Input.Sizes.Length - 1) && inputs.Any(i => IsPast(i.Name)))
            return SizeKind.Total;
        if (places.Any(p => p.Input.Role == InputRole.Image))
            return SizeKind.Side;
        return places.Any(p => p.Axis == p.Input.Sizes.Length - 1) ? SizeKind.Length : SizeKind.InnerLength;
    }

    /// <summary>Whether a name speaks of what earlier runs left behind.</summary>
    public static bool IsPast(string name) => Has(name, "past") || Has(name, "cache");

    private static bool Has(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
