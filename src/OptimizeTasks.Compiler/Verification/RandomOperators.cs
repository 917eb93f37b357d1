using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Finds outputs that differ from run to run.</summary>
internal static class RandomOperators
{
    private static readonly HashSet<string> _operators = new(StringComparer.Ordinal)
    {
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli",
    };

    /// <summary>The outputs that depend on a random operator, and the operator's name.</summary>
    public static IReadOnlyDictionary<string, string> Outputs(Graph graph)
    {
        var sources = new Dictionary<Value, string>();
        foreach (Node node in graph.Nodes)
        {
            if (SourceOf(node, sources) is not { } source)
                continue;
            foreach (Value? output in node.Outputs)
            {
                if (output is not null)
                    sources[output] = source;
            }
        }

        return graph.Outputs.Where(sources.ContainsKey).DistinctBy(o => o.Name).ToDictionary(o => o.Name, o => sources[o], StringComparer.Ordinal);
    }

    /// <summary>What makes a node's outputs random: itself, an input, or something inside its subgraphs.</summary>
    private static string? SourceOf(Node node, Dictionary<Value, string> sources)
    {
        if (IsRandom(node))
            return node.OpType;
        foreach (Value? input in node.Inputs)
        {
            if (input is not null && sources.TryGetValue(input, out string? source))
                return source;
        }

        return node.Subgraphs
            .SelectMany(g => g.Outputs.Select(o => sources.GetValueOrDefault(o)).Concat(g.Nodes.Select(n => SourceOf(n, sources))))
            .FirstOrDefault(s => s is not null);
    }

    private static bool IsRandom(Node node) => (node.Domain.Length == 0 && _operators.Contains(node.OpType))
        || (node.Is("Dropout") && node.Input(2)?.Constant is { ElementType: ElementType.Bool } training && training.Read<bool>() is [true, ..]);
}
