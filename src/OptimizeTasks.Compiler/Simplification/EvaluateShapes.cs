using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Shape arithmetic whose result is known without running anything becomes a constant; what is known at run time only is
/// computed once, however often exporters spell it out. The target of a Reshape becomes a constant even there: 0 takes the
/// size of the input at that place, and one −1 what remains.
/// </summary>
internal sealed class EvaluateShapes : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => context.Facts is { } facts ? RunOn(graph, facts, new KnownSizes(null)) : 0;

    private static int RunOn(Graph graph, ShapeFacts facts, KnownSizes known)
    {
        int changes = 0;
        foreach (Node node in graph.Nodes)
        {
            foreach (Value output in node.Outputs.OfType<Value>().ToArray())
            {
                if (!output.IsUnused && TryReplace(output, facts, known))
                    changes++;
            }

            if (node.Is("Reshape") && node.Outputs is [{ }] && node.Input(1) is { Constant: null } target && Target(node, target, facts) is { } sizes)
            {
                node.SetInput(1, graph.AddInitializer(node.Output.Name + "_shape", Tensor.OfInt64(sizes)));
                node.RemoveAttribute("allowzero");
                changes++;
            }

            foreach (Graph subgraph in node.Subgraphs)
                changes += RunOn(subgraph, facts, new KnownSizes(known));
        }

        return changes;
    }

    private static bool TryReplace(Value value, ShapeFacts facts, KnownSizes known)
    {
        if (value.ElementType is not (ElementType.Int64 or ElementType.Int32 or ElementType.Bool) || value.Shape is not { } shape
            || !shape.TryGetSizes(out long[] sizes) || facts.ValueOf(value) is not { } elements || elements.Count != sizes.Aggregate(1L, (a, b) => a * b))
            return false;
        if (elements.All(e => e.IsConstant))
            return !value.IsOutput && Constant(value.ElementType, sizes, elements) is { } tensor && Replace(value, value.Graph.AddInitializer(value.Name + "_value", tensor));
        if (!elements.All(e => e.IsKnown))
            return false;
        if (known.Find(value.ElementType, shape, elements) is { } same)
            return same.CanStandFor(value) && Replace(value, same);
        Value joined = !value.IsOutput && Parts(value, elements, known) is { } parts ? Join(value, elements, parts) : value;
        known.Add(joined, elements);
        return joined != value && Replace(value, joined);
    }

    private static bool Replace(Value value, Value replacement)
    {
        value.Graph.Replace(value, replacement);
        return true;
    }

    private static Tensor? Constant(ElementType type, long[] sizes, IReadOnlyList<Dimension> elements)
    {
        long[] numbers = [.. elements.Select(e => e.TryGetValue(out long number) ? number : 0)];
        return type switch
        {
            ElementType.Int64 => Tensor.Create<long>(type, sizes, numbers),
            ElementType.Int32 => Array.TrueForAll(numbers, n => n is >= int.MinValue and <= int.MaxValue)
                ? Tensor.Create<int>(type, sizes, Array.ConvertAll(numbers, n => (int)n))
                : null,
            _ => Tensor.Create<byte>(type, sizes, Array.ConvertAll(numbers, n => (byte)n)),
        };
    }

    /// <summary>
    /// For a list that arithmetic gives, such as torch's Where around the target of an Expand: single sizes that are known
    /// already, and numbers (null). Null where one is missing.
    /// </summary>
    private static List<Value?>? Parts(Value value, IReadOnlyList<Dimension> elements, KnownSizes known)
    {
        if (value is not { ElementType: ElementType.Int64, Shape.Rank: 1, Producer: { Domain.Length: 0, OpType: "Where" or "Mul" or "Add" or "Sub" or "Div" or "Max" or "Min" or "Cast" } })
            return null;
        var parts = new List<Value?>();
        foreach (Dimension element in elements)
        {
            Value? part = element.IsConstant ? null : known.Find(ElementType.Int64, Shape.Of(1), [element]);
            if ((part is null && !element.IsConstant) || part == value)
                return null;
            parts.Add(part);
        }

        return parts;
    }

    private static Value Join(Value value, IReadOnlyList<Dimension> elements, List<Value?> parts)
    {
        Graph graph = value.Graph;
        var inputs = new List<Value>();
        var numbers = new List<long>();
        for (int i = 0; i <= parts.Count; i++)
        {
            if (i < parts.Count && elements[i].TryGetValue(out long number))
            {
                numbers.Add(number);
                continue;
            }

            if (numbers.Count > 0)
                inputs.Add(graph.AddInitializer(value.Name + "_sizes", Tensor.OfInt64([.. numbers])));
            numbers.Clear();
            if (i < parts.Count)
                inputs.Add(parts[i]!);
        }

        Value joined = graph.Apply("Concat", inputs, value.Name + "_joined", [new IntAttribute("axis", 0)], before: value.Producer);
        joined.Type = value.Type;
        return joined;
    }

    /// <summary>The target as constants, at most one −1 among them; null where more is unknown.</summary>
    private static long[]? Target(Node node, Value target, ShapeFacts facts)
    {
        if (facts.ValueOf(target) is not { } elements || node.Input(0)?.Shape is not { } input)
            return null;
        bool zeroCopies = node.IntAttribute("allowzero") == 0;
        return ReshapeTargets.Of(input, [.. elements.Select((e, i) => zeroCopies && e.TryGetValue(out long size) && size == 0 && i < input.Rank ? input[i] : e)]);
    }
}
