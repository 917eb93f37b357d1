using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Precision;

/// <summary>Gives the nodes of the plan values of another floating-point type. Where others use them too, a Cast stands between, one for all.</summary>
internal sealed class ConvertPrecision : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (PrecisionChange.Of(context.Options) is not { } change || context.Converted.Count == 0)
            return 0;
        var values = new ConvertedValues(graph, change, context.Converted);
        foreach (Node node in graph.Nodes.Where(context.Converted.Contains))
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (change.IsSource(node.Inputs[i]))
                    node.SetInput(i, values.Of(node.Inputs[i]!));
            }

            foreach (Value output in node.Outputs.Where(change.IsSource).OfType<Value>().ToArray())
                values.Produce(output);
        }

        // Casts of the model's own may have nothing to do any more.
        foreach (Node cast in graph.Nodes.Where(n => n.Is("Cast") && n.Inputs[0]!.ElementType == (ElementType)n.IntAttribute("to")))
            cast.TryReplaceBy(cast.Inputs[0]!);
        int changes = context.Converted.Count;
        context.Converted.Clear();
        return changes;
    }
}
