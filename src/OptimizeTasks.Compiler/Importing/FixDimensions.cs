using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>Replaces the symbols that <see cref="CompilerOptions.FixedDimensions"/> names by their sizes, in every type of the graph.</summary>
internal sealed class FixDimensions : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        var sizes = context.Options.FixedDimensions;
        if (sizes.IsEmpty)
            return 0;

        var found = new HashSet<string>(StringComparer.Ordinal);
        int changes = 0;
        foreach (Value value in graph.AllGraphs().SelectMany(g => g.Values))
        {
            OnnxType? type = Fix(value.Type);
            if (Equals(type, value.Type))
                continue;
            value.Type = type;
            changes++;
        }

        if (sizes.Keys.FirstOrDefault(symbol => !found.Contains(symbol)) is { } missing)
        {
            string known = string.Join(", ", graph.Inputs.SelectMany(i => i.Shape ?? Shape.Scalar).Select(d => d.Symbol).OfType<string>().Distinct());
            throw context.Fail(Diagnostics.UnknownDimension, $"No input has a dimension named '{missing}'; the free dimensions are: {(known.Length == 0 ? "none" : known)}");
        }

        return changes;

        OnnxType? Fix(OnnxType? type) => type switch
        {
            TensorType { Shape: { } shape } tensor => tensor with { Shape = FixShape(shape) },
            SequenceType sequence => sequence with { Element = Fix(sequence.Element) },
            OptionalType optional => optional with { Element = Fix(optional.Element) },
            _ => type,
        };

        Shape FixShape(Shape shape) => shape.Any(d => d.Symbol is { } s && sizes.ContainsKey(s)) ? new Shape(shape.Select(FixDimension)) : shape;

        Dimension FixDimension(Dimension dimension)
        {
            if (dimension.Symbol is not { } symbol || !sizes.TryGetValue(symbol, out long size))
                return dimension;
            found.Add(symbol);
            return Dimension.Of(size);
        }
    }
}
