using System.Globalization;
using System.Text;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Common subexpressions: of nodes that compute the same from the same, in one graph, one stays.</summary>
internal sealed class ShareNodes : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => graph.AllGraphs().Sum(RunOn);

    private static int RunOn(Graph graph)
    {
        int changes = 0;
        var names = new Dictionary<Value, int>();
        var seen = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (!node.IsDeterministic() || KeyOf(node, names) is not { } key)
                continue;
            if (!seen.TryGetValue(key, out Node? first))
                seen.Add(key, node);
            else if (TryMerge(node, first))
                changes++;
        }

        return changes;
    }

    /// <summary>Everything that the result depends on, as text; null where that cannot be said in short.</summary>
    private static string? KeyOf(Node node, Dictionary<Value, int> names)
    {
        var key = new StringBuilder(node.OpType);
        foreach (Value? input in node.Inputs)
        {
            key.Append('|');
            if (input is not null)
                key.Append(names.TryGetValue(input, out int name) ? name : names[input] = names.Count);
        }

        key.Append('>').Append(node.Outputs.Count);
        foreach (NodeAttribute attribute in node.Attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            if (TextOf(attribute) is not { } text)
                return null;
            key.Append('|').Append(attribute.Name).Append('=').Append(text);
        }

        return key.ToString();
    }

    private static string? TextOf(NodeAttribute attribute) => attribute switch
    {
        IntAttribute a => a.Value.ToString(CultureInfo.InvariantCulture),
        IntsAttribute a => "[" + string.Join(',', a.Values) + "]",
        FloatAttribute a => "f" + BitConverter.SingleToUInt32Bits(a.Value).ToString("x8", CultureInfo.InvariantCulture),
        FloatsAttribute a => "f[" + string.Join(',', a.Values.Select(v => BitConverter.SingleToUInt32Bits(v).ToString("x8", CultureInfo.InvariantCulture))) + "]",
        StringAttribute a => "s" + Convert.ToHexString(a.Bytes.Span),
        TensorAttribute { Value: { ByteLength: <= 256, ElementType: not ElementType.String } t } => t + ":" + Convert.ToHexString(t.Data.ReadAll().Span),
        _ => null,
    };

    private static bool TryMerge(Node node, Node first)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { IsUnused: false } output)
                continue;
            if (first.Outputs[i] is not { } replacement || !replacement.CanStandFor(output))
                return false;
        }

        Graph graph = node.Graph!;
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is { IsUnused: false } output)
                graph.Replace(output, first.Outputs[i]!);
        }

        graph.Remove(node);
        return true;
    }
}
