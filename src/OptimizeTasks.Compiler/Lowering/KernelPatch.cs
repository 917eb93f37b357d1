using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>New nodes of ONNX Runtime's own operators.</summary>
internal static class KernelPatch
{
    /// <summary>A new node with one output.</summary>
    public static Value Apply(this Patch patch, Kernel kernel, IEnumerable<Value?> inputs, params IEnumerable<NodeAttribute> attributes) =>
        patch.Apply(kernel, inputs, 1, attributes)[0];

    /// <summary>A new node with several outputs.</summary>
    public static ImmutableArray<Value> Apply(this Patch patch, Kernel kernel, IEnumerable<Value?> inputs, int outputs, params IEnumerable<NodeAttribute> attributes) =>
        patch.ApplyIn(Kernel.Domain, kernel.Name, KernelInputs.WithoutAbsentEnd([.. inputs]), outputs, attributes);

    /// <summary>Puts the kernel's outputs behind the first in the place of those that the node has and others use.</summary>
    public static void ReplaceFurther(this Patch patch, Node node, ImmutableArray<Value> outputs)
    {
        for (int i = 1; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is { IsUnused: false } used)
                patch.Replace(used, outputs[i]);
        }
    }
}
