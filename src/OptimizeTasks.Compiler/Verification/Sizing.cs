using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>A size for every symbolic dimension of a model's inputs.</summary>
/// <param name="Symbols">The sizes by symbol.</param>
/// <param name="Length">The length of the sequences that are passed in.</param>
/// <param name="Past">The length of what is passed in as past.</param>
internal sealed record Sizing(ImmutableSortedDictionary<string, long> Symbols, long Length, long Past)
{
    /// <summary>A reference and a few letters.</summary>
    private const int BytesOfText = 32;

    /// <summary>The shape of an input; null where an expression has no size.</summary>
    public long[]? ShapeOf(InputSpecification input)
    {
        var shape = new long[input.Sizes.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            SizeTerm term = input.Sizes[i];
            long size = term.Symbol is null ? term.Size : SizeOf(term.Symbol) ?? -1;
            if (size < 0)
                return null;
            shape[i] = size;
        }

        return shape;
    }

    /// <summary>The bytes of all inputs together; null where an expression has no size, or there are more than can be counted.</summary>
    public long? CountBytes(IReadOnlyList<InputSpecification> inputs)
    {
        Int128 sum = 0;
        foreach (InputSpecification input in inputs)
        {
            if (ShapeOf(input) is not { } shape)
                return null;
            Int128 product = input.Type == ElementType.String ? BytesOfText : input.Type.ByteLength(1);
            foreach (long size in shape)
            {
                product *= size;
                if (product > long.MaxValue)
                    return null;
            }

            sum += product;
        }

        return sum > long.MaxValue ? null : (long)sum;
    }

    /// <summary>The size of a symbol or an expression of symbols.</summary>
    private long? SizeOf(string symbol) => Symbols.TryGetValue(symbol, out long size)
        ? size
        : SizeExpression.Evaluate(symbol, name => Symbols.TryGetValue(name, out long value) ? value : null);
}
