using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Shapes;

/// <summary>What one dimension must be: a size, the value of a symbol, the value of an expression, or anything.</summary>
internal readonly record struct DimensionRule(long? Size, int Symbol, DimensionExpression? Expression, string? Text)
{
    private const int NoSymbol = -1;

    public bool IsSymbol => Symbol != NoSymbol;

    public static DimensionRule Of(DimensionSignature dimension, Dictionary<string, int> symbols)
    {
        if (dimension.Size is { } size)
            return new(size, NoSymbol, null, null);
        if (dimension.Symbol is not { } text)
            return new(null, NoSymbol, null, null);
        // A text is an expression only if other inputs give all its symbols; otherwise it is a name like any other.
        if (!symbols.ContainsKey(text) && DimensionExpression.TryParse(text, symbols) is { } expression)
            return new(null, NoSymbol, expression, text);
        if (!symbols.TryGetValue(text, out int symbol))
            symbols.Add(text, symbol = symbols.Count);
        return new(null, symbol, null, text);
    }
}
