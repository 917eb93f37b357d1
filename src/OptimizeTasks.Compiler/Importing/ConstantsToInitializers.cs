using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>Makes an initializer of every <c>Constant</c> node, whichever attribute holds its value.</summary>
internal sealed class ConstantsToInitializers : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            foreach (Node node in current.Nodes)
            {
                // A value that is an output must keep a producer: runtimes differ on initializers that are outputs of subgraphs.
                if (!node.Is("Constant") || node.Outputs is not [{ IsOutput: false } output] || ValueOf(node) is not { } tensor)
                    continue;
                node.SetOutput(0, null);
                current.SetInitializer(output, tensor);
                current.Remove(node);
                changes++;
            }
        }

        return changes;
    }

    /// <summary>The constant; null where it is sparse or missing.</summary>
    private static Tensor? ValueOf(Node node) => node.Attributes.Select(a => (a.Name, a) switch
    {
        ("value", TensorAttribute t) => t.Value,
        ("value_float", FloatAttribute f) => Tensor.OfFloat(f.Value),
        ("value_floats", FloatsAttribute f) => Tensor.Create(ElementType.Float, [f.Values.Length], f.Values.AsSpan()),
        ("value_int", IntAttribute i) => Tensor.Create(ElementType.Int64, [], [i.Value]),
        ("value_ints", IntsAttribute i) => Tensor.OfInt64(i.Values.AsSpan()),
        ("value_string", StringAttribute s) => new Tensor(ElementType.String, [], new StringData([s.Bytes])),
        ("value_strings", StringsAttribute s) => new Tensor(ElementType.String, [s.Values.Length], new StringData(ImmutableCollectionsMarshal.AsArray(s.Values)!)),
        _ => null,
    }).FirstOrDefault(t => t is not null);
}
