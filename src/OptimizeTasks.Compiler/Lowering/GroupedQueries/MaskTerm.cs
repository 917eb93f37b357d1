using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>What is known of the elements of a value inside a mask's computation.</summary>
internal abstract record MaskTerm
{
    /// <summary>How many numbers an element may be one of before it counts as unknown.</summary>
    private const int MostNumbers = 8;

    /// <summary>The cases, in the order of <see cref="MaskNumbers.ByCase"/>.</summary>
    public static ImmutableArray<MaskCase> Cases { get; } = [MaskCase.Allowed, MaskCase.Future, MaskCase.Padded, MaskCase.FuturePadded];

    /// <summary>The same number everywhere.</summary>
    public static MaskTerm Of(double number) => Of(_ => [number]);

    /// <summary>Numbers by case.</summary>
    public static MaskTerm Of(Func<MaskCase, IEnumerable<double>> numbers) => new MaskNumbers([.. Cases.Select(c => numbers(c).Distinct().Order().ToImmutableArray())]);

    /// <summary>Numbers from those of several terms, case by case; null where one is not known, or too many are possible.</summary>
    public static MaskTerm? Combine(IReadOnlyList<MaskTerm?> terms, Func<double[], double> compute)
    {
        if (terms.Any(t => t?.Numbers is null))
            return null;
        var byCase = Cases.Select((_, i) => terms.Aggregate(new List<double[]> { Array.Empty<double>() }, (all, term) => [.. all.SelectMany(a => term!.Numbers!.ByCase[i], (a, b) => (double[])[.. a, b])]));
        ImmutableArray<ImmutableArray<double>> numbers = [.. byCase.Select(all => all.Select(compute).Distinct().Order().ToImmutableArray())];
        return numbers.All(n => n.Length <= MostNumbers) ? new MaskNumbers(numbers) : null;
    }

    /// <summary>The term as numbers; null where it counts along an axis, or is a size.</summary>
    public virtual MaskNumbers? Numbers => null;

    /// <summary>The term as a count; null where it is none.</summary>
    public virtual MaskIndex? Index => null;
}

/// <summary>An element is one of a few numbers, by the case of its query and key.</summary>
/// <param name="ByCase">The numbers of each case.</param>
internal sealed record MaskNumbers(ImmutableArray<ImmutableArray<double>> ByCase) : MaskTerm
{
    /// <inheritdoc/>
    public override MaskNumbers Numbers => this;

    /// <inheritdoc/>
    public override MaskIndex? Index => ByCase[0] is [var number] && double.IsInteger(number) && Math.Abs(number) < int.MaxValue && ByCase.All(c => c is [var other] && other == number)
        ? new MaskIndex(MaskAxis.Other, Dimension.OfInteger((long)number)) : null;
}

/// <summary>An element is its place along an axis, counted from <paramref name="Offset"/> on; or just the offset.</summary>
/// <param name="Axis">The axis; <see cref="MaskAxis.Other"/> where there is none.</param>
/// <param name="Offset">What the first place has.</param>
internal sealed record MaskIndex(MaskAxis Axis, Dimension Offset) : MaskTerm
{
    /// <inheritdoc/>
    public override MaskNumbers? Numbers => Axis == MaskAxis.Other && Offset.TryGetValue(out long number) ? (MaskNumbers)Of(number) : null;

    /// <inheritdoc/>
    public override MaskIndex Index => this;
}
