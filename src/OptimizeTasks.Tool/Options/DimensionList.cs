using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Options;

/// <summary>The value of <c>Dimensions</c>: <c>batch=1;sequence=128</c>.</summary>
internal static class DimensionList
{
    private const string Right = "a list such as batch=1;sequence=128";

    /// <summary>The sizes by symbol.</summary>
    public static ImmutableSortedDictionary<string, long> Parse(string value)
    {
        var sizes = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (string entry in ItemMetadata.List(value))
        {
            // A symbol may be an expression with an equals sign; a size has none.
            int equals = entry.LastIndexOf('=');
            string symbol = equals < 0 ? "" : entry[..equals].Trim();
            string size = entry[(equals + 1)..].Trim();
            if (symbol.Length == 0)
                throw ItemMetadata.Wrong(MetadataNames.Dimensions, entry, Right);
            if (size.Contains("..", StringComparison.Ordinal))
                throw new CompilationException(Diagnostics.NotAvailableYet.Create($"The range {entry} in Dimensions is not available yet; a fixed size is"));
            if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number is < 1 or > int.MaxValue)
                throw ItemMetadata.Wrong(MetadataNames.Dimensions, entry, Right);
            if (!sizes.TryAdd(symbol, number))
                throw ItemMetadata.Wrong(MetadataNames.Dimensions, value, "a list that names every dimension once");
        }

        return sizes.Count > 0 ? sizes.ToImmutable() : throw ItemMetadata.Wrong(MetadataNames.Dimensions, value, Right);
    }
}
