using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>Makes a node another one in its place: it keeps its name and its outputs.</summary>
internal static class ContribNode
{
    /// <summary>Gives the node an operator of ONNX Runtime's own domain, these inputs and these attributes.</summary>
    public static void Become(this Node node, string opType, IReadOnlyList<Value?> inputs, params IReadOnlyList<NodeAttribute> attributes) =>
        node.Become(Kernel.Domain, opType, inputs, attributes);

    /// <summary>Gives the node an operator of a domain, these inputs and these attributes.</summary>
    public static void Become(this Node node, string domain, string opType, IReadOnlyList<Value?> inputs, params IReadOnlyList<NodeAttribute> attributes)
    {
        node.OpType = opType;
        node.Domain = domain;
        Value?[] given = KernelInputs.WithoutAbsentEnd([.. inputs]);
        for (int i = 0; i < given.Length; i++)
            node.SetInput(i, given[i]);
        node.TruncateInputs(given.Length);
        foreach (string name in node.Attributes.Select(a => a.Name).ToArray())
            node.RemoveAttribute(name);
        foreach (NodeAttribute attribute in attributes)
            node.SetAttribute(attribute);
    }
}
