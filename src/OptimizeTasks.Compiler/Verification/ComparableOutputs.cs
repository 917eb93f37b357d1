using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>The outputs of a model that can be compared, and why others cannot.</summary>
internal static class ComparableOutputs
{
    /// <param name="graph">The original.</param>
    /// <param name="leftOut">Receives why an output is left out.</param>
    public static IReadOnlyList<string> Of(Graph graph, ICollection<string> leftOut)
    {
        IReadOnlyDictionary<string, string> random = RandomOperators.Outputs(graph);
        var names = new List<string>();
        foreach (Value output in graph.Outputs.DistinctBy(o => o.Name))
        {
            if (output.Type is not (null or TensorType))
                leftOut.Add($"The output '{output.Name}' is no tensor and was not compared");
            else if (random.TryGetValue(output.Name, out string? source))
                leftOut.Add($"The output '{output.Name}' depends on {source}, which is random, and was not compared");
            else
                names.Add(output.Name);
        }

        if (graph.Outputs.Count == 0)
            leftOut.Add("The model has no outputs");
        return names;
    }

    /// <summary>The outputs of which no run of the original gave a finite number: comparing them says nothing.</summary>
    public static IEnumerable<string> WithoutNumbers(IReadOnlyList<ReferenceRun> runs) => runs[0].Outputs.Keys.Where(name => runs.All(r => IsNowhereFinite(r.Outputs[name])));

    private static bool IsNowhereFinite(Tensor tensor) => tensor.ElementCount > 0 && tensor.ElementType switch
    {
        ElementType.Float => !tensor.Read<float>().ContainsAnyInRange(float.MinValue, float.MaxValue),
        ElementType.Double => !tensor.Read<double>().ContainsAnyInRange(double.MinValue, double.MaxValue),
        ElementType.Float16 => !tensor.Read<Half>().ContainsAnyInRange(Half.MinValue, Half.MaxValue),
        _ => false,
    };
}
