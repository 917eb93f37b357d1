using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>Whether a model can have the variants for sizes that a user asks for.</summary>
internal static class SizedFormats
{
    /// <summary>Checks variants against a model's inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="states">The inputs that are states: a call does not show their sizes.</param>
    /// <param name="variants">The variants.</param>
    /// <param name="file">What the diagnostic names.</param>
    /// <exception cref="CompilationException">No input has the dimension, or a size would have two variants.</exception>
    public static void Check(IReadOnlyList<ValueSignature> inputs, IReadOnlyList<StatePair> states, ImmutableArray<SizedFormat> variants, string? file)
    {
        if (variants.IsEmpty)
            return;
        string[] dimensions = [.. Dimensions(inputs.Where(input => !states.Any(state => state.Input == input.Name)))];
        if (variants.FirstOrDefault(v => !dimensions.Contains(v.Dimension, StringComparer.Ordinal)) is { } unknown)
        {
            throw Impossible(dimensions.Length == 0
                ? $"Variants names the dimension '{unknown.Dimension}', and no input has dimensions of any size"
                : $"Variants names the dimension '{unknown.Dimension}'; the dimensions of inputs are {string.Join(", ", dimensions)}", file);
        }

        if (variants.FirstOrDefault(v => v.Dimension != variants[0].Dimension) is { } other)
            throw Impossible($"Variants names the dimensions '{variants[0].Dimension}' and '{other.Dimension}': one decides", file);
        SizedFormat[] ordered = [.. variants.OrderBy(v => v.Sizes.Minimum)];
        foreach ((SizedFormat first, SizedFormat second) in ordered.Zip(ordered.Skip(1)))
        {
            if (first.Sizes.Contains(second.Sizes.Minimum))
                throw Impossible(string.Create(CultureInfo.InvariantCulture, $"Variants has two variants for {second.Dimension}={second.Sizes.Minimum}"), file);
        }
    }

    /// <summary>The symbols that a call's inputs give a size.</summary>
    private static IEnumerable<string> Dimensions(IEnumerable<ValueSignature> inputs) => inputs
        .SelectMany(input => (input.Type as TensorSignature)?.Dimensions ?? [])
        .Select(dimension => dimension.Symbol).OfType<string>().Where(symbol => symbol.AsSpan().IndexOfAny("+-*/() ") < 0).Distinct();

    private static CompilationException Impossible(string what, string? file) => new(Diagnostics.ImpossibleVariant.Create(what, file));
}
