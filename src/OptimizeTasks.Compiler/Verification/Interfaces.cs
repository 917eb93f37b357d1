using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>The inputs and outputs of two models.</summary>
internal static class Interfaces
{
    /// <summary>What differs, in words; null where the models have the same names and types in the same order.</summary>
    public static string? Difference(Graph original, Graph compiled) =>
        Difference("inputs", Required(original), Required(compiled)) ?? Difference("outputs", original.Outputs, compiled.Outputs);

    /// <summary>The given sizes, and those that are a symbol in the original and a number in the compiled model.</summary>
    public static ImmutableSortedDictionary<string, long> FixedSizes(Graph original, Graph compiled, ImmutableSortedDictionary<string, long> given)
    {
        ImmutableSortedDictionary<string, long>.Builder sizes = given.ToBuilder();
        foreach ((Value first, Value second) in Required(original).Zip(Required(compiled)))
        {
            int rank = first.Shape is { } a && second.Shape is { } b && a.Rank == b.Rank ? a.Rank : 0;
            for (int axis = 0; axis < rank; axis++)
            {
                if (SizeTerm.Of(first, axis).Symbol is { } symbol && second.Shape![axis].TryGetValue(out long size))
                    sizes[symbol] = size;
            }
        }

        return sizes.ToImmutable();
    }

    /// <summary>What a caller must give. Old files list their weights among the inputs; the compiled model need not.</summary>
    private static Value[] Required(Graph graph) => [.. graph.Inputs.Where(i => i.Initializer is null)];

    private static string? Difference(string what, IReadOnlyList<Value> original, IReadOnlyList<Value> compiled)
    {
        string[] names = [.. original.Select(v => v.Name)], others = [.. compiled.Select(v => v.Name)];
        if (!names.SequenceEqual(others, StringComparer.Ordinal))
            return $"The {what} are {string.Join(", ", others)} instead of {string.Join(", ", names)}";
        (Value? first, Value? second) = original.Zip(compiled).FirstOrDefault(
            p => p.First.ElementType != p.Second.ElementType && p.First.ElementType != ElementType.Undefined && p.Second.ElementType != ElementType.Undefined);
        return first is null ? null : $"'{first.Name}' is {second!.ElementType} instead of {first.ElementType}";
    }
}
