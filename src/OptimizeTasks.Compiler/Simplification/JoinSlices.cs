using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Slices of one value along one axis: joined again in another order, as torch spells roll, they are one Gather, which
/// copies once; where they part the whole axis they are one Split.
/// </summary>
internal sealed class JoinSlices : Pass
{
    /// <summary>The elements behind the axis that a Gather must copy at once to be fast.</summary>
    private const long SmallestBlock = 16;

    /// <summary>Indices are stored in the model.</summary>
    private const long MostIndices = 4096;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Model.Opset < 13)
            return 0;
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            var slices = new Dictionary<Node, AxisSlice>();
            foreach (Node node in current.Nodes)
            {
                if (node.Is("Slice") && node.Outputs is [{ }] && AxisSlice.Of(node) is { } slice)
                    slices.Add(node, slice);
                else if (node.Is("Concat") && node.Outputs is [{ }] && TryGather(node, slices))
                    changes++;
            }

            foreach (var group in slices.Values.Where(s => s.Node.Graph == current).GroupBy(s => (s.Source, s.Axis)).ToArray())
            {
                if (TrySplit(current, [.. group]))
                    changes++;
            }
        }

        return changes;
    }

    private static bool TryGather(Node concat, Dictionary<Node, AxisSlice> slices)
    {
        var parts = new List<AxisSlice>();
        foreach (Value? input in concat.Inputs)
        {
            if (input is not { IsOutput: false, Uses.Count: 1, Producer: { } producer } || !slices.TryGetValue(producer, out AxisSlice? part)
                || (parts.Count > 0 && (part.Source != parts[0].Source || part.Axis != parts[0].Axis)))
                return false;
            parts.Add(part);
        }

        if (parts.Count < 2)
            return false;
        Value source = parts[0].Source;
        long axis = concat.IntAttribute("axis");
        int rank = source.Shape!.Rank;
        if ((axis < 0 ? axis + rank : axis) != parts[0].Axis || parts.Sum(p => p.End - p.Start) > MostIndices || Block(source.Shape, parts[0].Axis) < SmallestBlock)
            return false;
        long[] indices = [.. parts.SelectMany(p => Enumerable.Range((int)p.Start, (int)(p.End - p.Start)).Select(i => (long)i))];
        foreach (AxisSlice part in parts)
            slices.Remove(part.Node);
        concat.OpType = "Gather";
        concat.TruncateInputs(0);
        concat.SetInput(0, source);
        concat.SetInput(1, concat.Graph!.AddInitializer(concat.Output.Name + "_indices", Tensor.OfInt64(indices)));
        concat.SetAttribute(new IntAttribute("axis", parts[0].Axis));
        return true;
    }

    /// <summary>The elements behind an axis, those of unknown axes not counted.</summary>
    private static long Block(Shape shape, int axis) => shape.Skip(axis + 1).Aggregate(1L, (product, d) => d.TryGetValue(out long size) && size < MostIndices ? product * size : product);

    private static bool TrySplit(Graph graph, List<AxisSlice> group)
    {
        AxisSlice[] parts = [.. group.OrderBy(s => s.Start)];
        bool parted = parts.Length > 1 && parts[0].Start == 0 && parts[^1].End == parts[0].Size && parts.Zip(parts.Skip(1)).All(p => p.First.End == p.Second.Start)
            && parts.All(p => p.End > p.Start);
        // A slice of a slice has an output of a Split as its source by now.
        Value source = group[0].Node.Inputs[0]!;
        if (!parted || source.Graph != graph)
            return false;

        Node split = graph.AddNode("Split", [source, graph.AddInitializer(source.Name + "_split", Tensor.OfInt64([.. parts.Select(p => p.End - p.Start)]))], before: group[0].Node);
        split.Name = graph.UniqueName(source.Name + "_split");
        split.SetAttribute(new IntAttribute("axis", parts[0].Axis));
        for (int i = 0; i < parts.Length; i++)
        {
            Value old = parts[i].Node.Output;
            split.SetOutput(i, graph.AddValue(graph.UniqueName(split.Name), old.Type));
            graph.Replace(old, split.Outputs[i]!);
            graph.Remove(parts[i].Node);
        }

        return true;
    }
}
