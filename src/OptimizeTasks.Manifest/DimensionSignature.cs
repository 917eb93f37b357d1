using System.Globalization;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>
/// A dimension of a tensor: a number, a symbol or expression of symbols (equal texts mean equal sizes), or unknown.
/// In JSON a number, a string, or null.
/// </summary>
[JsonConverter(typeof(DimensionConverter))]
public readonly record struct DimensionSignature
{
    private DimensionSignature(long? size, string? symbol) => (Size, Symbol) = (size, symbol);

    /// <summary>The size, if it is a number.</summary>
    public long? Size { get; }

    /// <summary>The symbol or expression, for instance <c>batch</c> or <c>past + 1</c>, if the dimension has one.</summary>
    public string? Symbol { get; }

    /// <summary>A dimension about which nothing is known.</summary>
    public static DimensionSignature Unknown => default;

    /// <summary>A dimension of this size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static DimensionSignature Of(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new(size, null);
    }

    /// <summary>A dimension known by a symbol or an expression of symbols.</summary>
    public static DimensionSignature Of(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new(null, symbol);
    }

    /// <summary>A dimension of this size.</summary>
    public static implicit operator DimensionSignature(long size) => Of(size);

    /// <summary>A dimension known by a symbol or an expression of symbols.</summary>
    public static implicit operator DimensionSignature(string symbol) => Of(symbol);

    /// <summary>The number, the symbol, or <c>?</c>.</summary>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
