using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>Gives the nodes of the plan the kernels of their formats, and weights that are computed when the model is written.</summary>
internal sealed class QuantizeWeights : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Formats.Count == 0)
            return 0;
        var weights = new QuantizedWeights(context);
        var products = new DynamicProducts(weights, context.Formats);
        var tables = new BlockwiseTable(weights, context);
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                if (!context.Formats.TryGetValue(node, out PlannedNode? planned) || WeightUse.Of(node) is not { } use)
                    continue;
                Quantize(use, planned, weights, products, tables);
                changes++;
            }
        }

        context.Formats.Clear();
        Kernel.Declare(context.Model);
        return changes;
    }

    private static void Quantize(WeightUse use, PlannedNode planned, QuantizedWeights weights, DynamicProducts products, BlockwiseTable tables)
    {
        switch (use.Node.OpType)
        {
            case "LSTM":
                DynamicLstm.Quantize(use, weights);
                break;
            case "Gather":
                tables.Quantize(use, planned);
                break;
            default:
                if (planned.Format == WeightFormat.Dynamic)
                    products.Quantize(use);
                else
                    BlockwiseProduct.Quantize(use, planned, weights);
                break;
        }
    }
}
