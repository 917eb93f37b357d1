using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Shapes;

/// <summary>The rules for the shapes of a model's inputs and outputs, with symbols numbered. Made once per model.</summary>
internal sealed class ShapeRules
{
    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);

    public ShapeRules(ModelContract contract)
    {
        // Plain names first: an expression may stand before the inputs that give its symbols.
        foreach (DimensionSignature dimension in contract.Inputs.SelectMany(input => input.Tensor?.Dimensions ?? []))
        {
            if (dimension.Symbol is { } symbol && symbol.AsSpan().IndexOfAny("+-*/() ") < 0)
                _symbols.TryAdd(symbol, _symbols.Count);
        }

        Inputs = Array.ConvertAll(contract.Inputs, value => new ValueRule(value, RulesOf(value)));
        Outputs = Array.ConvertAll(contract.Outputs, value => new ValueRule(value, RulesOf(value)));
    }

    public ValueRule[] Inputs { get; }

    public ValueRule[] Outputs { get; }

    public int SymbolCount => _symbols.Count;

    /// <summary>The number of a symbol; -1 where no shape has it.</summary>
    public int SymbolOf(string name) => _symbols.TryGetValue(name, out int symbol) ? symbol : -1;

    private DimensionRule[]? RulesOf(ValueContract value) =>
        value.Tensor?.Dimensions is { } dimensions ? [.. dimensions.Select(dimension => DimensionRule.Of(dimension, _symbols))] : null;
}

/// <summary>The rules for one value; <paramref name="Dimensions"/> is null where any rank will do.</summary>
internal sealed record ValueRule(ValueContract Value, DimensionRule[]? Dimensions);
