using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Which nodes compute with activations of 8 bits: products with constant weights, and between them what has a kernel as
/// well, so that activations stay quantised. What only an output or a node in floating point would take is not worth it.
/// </summary>
internal static class StaticRegion
{
    /// <summary>Decides for the nodes that could; in the order of the graph, with the reason where one stays as it is.</summary>
    /// <param name="graph">The main graph.</param>
    /// <param name="refuse">Why a node must stay as it is; null where it need not.</param>
    public static IReadOnlyList<(Node Node, string? Why)> Decide(Graph graph, Func<Node, string?> refuse)
    {
        Node[] candidates = [.. graph.Nodes.Where(n => StaticOperators.RoleOf(n) != StaticRole.None)];
        var reasons = new Dictionary<Node, string>();
        foreach (Node node in candidates)
        {
            string? why = StaticOperators.Refuse(node) ?? refuse(node);
            if (why is null && StaticOperators.RoleOf(node) != StaticRole.Multiplies && !StaticOperators.ActivationsOf(node).Any(v => v.Producer is { } producer && IsStatic(producer)))
                why = "its inputs are not quantised";
            if (why is not null)
                reasons.Add(node, why);
        }

        foreach (Node node in Enumerable.Reverse(candidates).Where(n => IsStatic(n) && StaticOperators.RoleOf(n) != StaticRole.Multiplies))
        {
            // A convolution gives 8 bits in any case.
            bool isOfConv = StaticOperators.RoleOf(node) == StaticRole.Saturates && node.Inputs[0]!.Producer!.Is("Conv");
            if (!isOfConv && !node.Outputs.OfType<Value>().Any(output => output.Uses.Any(use => IsStatic(use.Node) && StaticOperators.ActivationsOf(use.Node).Contains(output))))
                reasons.Add(node, "nothing takes its result in 8 bits");
        }

        return [.. candidates.Select(node => (node, reasons.GetValueOrDefault(node)))];

        bool IsStatic(Node node) => StaticOperators.RoleOf(node) != StaticRole.None && !reasons.ContainsKey(node);
    }
}
