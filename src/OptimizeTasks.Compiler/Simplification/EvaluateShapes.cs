using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Shape arithmetic whose result is known without running anything becomes a constant. The target of a Reshape becomes one
/// even where it holds sizes that are known at run time only: 0 takes the size of the input at that place, and one −1 what
/// remains.
/// </summary>
internal sealed class EvaluateShapes : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Facts is not { } facts)
            return 0;
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                foreach (Value output in node.Outputs.OfType<Value>())
                {
                    if (output is { IsOutput: false, Uses.Count: > 0 } && Evaluate(output, facts) is { } tensor)
                    {
                        current.Replace(output, current.AddInitializer(output.Name + "_value", tensor));
                        changes++;
                    }
                }

                if (node.Is("Reshape") && node.Input(1) is { Constant: null } target && Target(node, target, facts) is { } sizes)
                {
                    node.SetInput(1, current.AddInitializer(node.Output.Name + "_shape", Tensor.OfInt64(sizes)));
                    changes++;
                }
            }
        }

        return changes;
    }

    /// <summary>The value's elements, if all are numbers.</summary>
    private static Tensor? Evaluate(Value value, ShapeFacts facts)
    {
        if (value.ElementType is not (ElementType.Int64 or ElementType.Int32 or ElementType.Bool) || value.Shape is not { } shape
            || !shape.TryGetSizes(out long[] sizes) || facts.ValueOf(value) is not { } elements || elements.Count != sizes.Aggregate(1L, (a, b) => a * b))
            return null;

        var numbers = new long[elements.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!elements[i].TryGetValue(out numbers[i]))
                return null;
        }

        return value.ElementType switch
        {
            ElementType.Int64 => Tensor.Create<long>(ElementType.Int64, sizes, numbers),
            ElementType.Int32 => Array.TrueForAll(numbers, n => n is >= int.MinValue and <= int.MaxValue)
                ? Tensor.Create<int>(ElementType.Int32, sizes, Array.ConvertAll(numbers, n => (int)n))
                : null,
            _ => Tensor.Create<byte>(ElementType.Bool, sizes, Array.ConvertAll(numbers, n => (byte)n)),
        };
    }

    /// <summary>The target as constants, at most one −1 among them; null where more is unknown.</summary>
    private static long[]? Target(Node node, Value target, ShapeFacts facts)
    {
        if (node.IntAttribute("allowzero") != 0 || facts.ValueOf(target) is not { } elements || node.Input(0)?.Shape is not { } input)
            return null;

        var sizes = new long[elements.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (elements[i].TryGetValue(out sizes[i]))
                continue;
            sizes[i] = i < input.Rank && elements[i].Equals(input[i]) ? 0 : -1;
        }

        return sizes.Count(s => s == -1) <= 1 ? sizes : null;
    }
}
