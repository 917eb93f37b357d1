using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inspection;

/// <summary>Counts what a model consists of. Reads no weights.</summary>
internal static class ModelInspector
{
    private const int LargestWeightCount = 10;

    /// <summary>The summary of a model that was read from this file.</summary>
    public static ModelSummary Inspect(Model model, string path)
    {
        List<Node> nodes = [.. model.Graph.AllNodes()];
        List<Graph> graphs = [model.Graph, .. nodes.SelectMany(n => n.Subgraphs)];
        List<(string Name, Tensor Tensor)> weights = [.. graphs.SelectMany(Initializers), .. nodes.SelectMany(Constants)];
        Value[] interfaceValues = [.. model.Graph.Inputs, .. model.Graph.Outputs];
        return new ModelSummary
        {
            File = path,
            FileBytes = new FileInfo(path).Length,
            IrVersion = model.IrVersion,
            ProducerName = model.ProducerName,
            ProducerVersion = model.ProducerVersion,
            Domain = model.Domain,
            ModelVersion = model.ModelVersion,
            GraphName = model.Graph.Name is { Length: > 0 } name ? name : null,
            DocString = model.DocString ?? model.Graph.DocString,
            Metadata = Metadata(model),
            Opsets = new SortedDictionary<string, long>(model.Opsets.ToDictionary(o => DomainName(o.Key), o => o.Value), StringComparer.Ordinal),
            Inputs = [.. model.Graph.Inputs.Where(i => i.Initializer is null || model.InitializersAreOverridable).Select(Summarize)],
            Outputs = [.. model.Graph.Outputs.Select(Summarize)],
            SymbolicDimensions = [.. interfaceValues.SelectMany(v => v.Shape ?? []).Select(d => d.Symbol).OfType<string>().Distinct()],
            Nodes = nodes.Count,
            Subgraphs = graphs.Count - 1,
            Operators = [.. nodes.GroupBy(OperatorName).Select(g => new OperatorCount(g.Key, g.Count())).OrderByDescending(o => o.Count).ThenBy(o => o.Operator, StringComparer.Ordinal)],
            Functions = [.. model.Functions.Select(f => new FunctionSummary(Qualify(f.Domain, f.Name), f.Body.AllNodes().Count()))],
            Parameters = weights.Sum(w => w.Tensor.ElementCount),
            WeightBytes = weights.Sum(w => w.Tensor.ByteLength),
            Weights = weights.Count,
            LargestWeights = [.. weights.OrderByDescending(w => w.Tensor.ByteLength).ThenBy(w => w.Name, StringComparer.Ordinal).Take(LargestWeightCount).Select(Summarize)],
        };
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Initializers(Graph graph) => graph.Initializers.Select(v => (v.Name, v.Initializer!));

    private static IEnumerable<(string Name, Tensor Tensor)> Constants(Node node) => node.Domain.Length == 0 && node.OpType == "Constant"
        ? node.Attributes.OfType<TensorAttribute>().Select(a => (node.Outputs.FirstOrDefault()?.Name ?? node.Name, a.Value))
        : [];

    /// <summary>Names may occur twice in a file: the last one holds, as in ONNX Runtime.</summary>
    private static SortedDictionary<string, string> Metadata(Model model)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in model.Metadata)
            metadata[key] = value;
        return metadata;
    }

    private static ValueSummary Summarize(Value value) => new(value.Name, TypeText.Of(value.Type), value.Initializer is not null);

    private static WeightSummary Summarize((string Name, Tensor Tensor) weight) =>
        new(weight.Name, TypeText.Of(new TensorType(weight.Tensor.ElementType, weight.Tensor.Shape)), weight.Tensor.ByteLength);

    private static string OperatorName(Node node) => Qualify(node.Domain, node.OpType);

    private static string Qualify(string domain, string name) => domain.Length == 0 ? name : domain + "." + name;

    private static string DomainName(string domain) => domain.Length == 0 ? "ai.onnx" : domain;
}
