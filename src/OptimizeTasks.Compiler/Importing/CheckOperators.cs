using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// Refuses nodes that have not as many inputs and outputs as their operator: ONNX Runtime does not load them, and no rule
/// need count what a pattern has found.
/// </summary>
internal sealed class CheckOperators : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        Model model = context.Model;
        Check(graph, model.Opset, context);
        foreach (Function function in model.Functions)
            Check(function.Body, function.Opsets.GetValueOrDefault("", model.Opset), context);
        return 0;
    }

    private static void Check(Graph graph, long opset, PassContext context)
    {
        foreach (Node node in graph.AllNodes().Where(n => n.Domain.Length == 0))
        {
            if (OperatorArity.In(node.OpType, opset) is { } arity && (arity.Inputs.Fault(node.Inputs, "input") ?? arity.Outputs.Fault(node.Outputs, "output")) is { } fault)
                throw context.Fail(Diagnostics.InvalidGraph, $"{node.OpType} {fault}", node);
        }
    }
}
