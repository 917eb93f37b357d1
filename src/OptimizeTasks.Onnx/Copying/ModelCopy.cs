using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx.Copying;

/// <summary>Copies a model, names and order included. Tensors and types are immutable, and shared.</summary>
internal sealed class ModelCopy
{
    private readonly Dictionary<Value, Value> _values = [];

    /// <summary>A model that is written as the source is, and that can be changed without it.</summary>
    public static Model Of(Model source)
    {
        var copies = new ModelCopy();
        var model = new Model(copies.Copy(source.Graph, outer: null))
        {
            IrVersion = source.IrVersion,
            ProducerName = source.ProducerName,
            ProducerVersion = source.ProducerVersion,
            Domain = source.Domain,
            ModelVersion = source.ModelVersion,
            DocString = source.DocString,
            Metadata = source.Metadata,
            Origin = source.Origin,
            Files = source.Files,
        };
        foreach ((string domain, long version) in source.Opsets)
            model.Opsets.Add(domain, version);
        foreach (Function function in source.Functions)
            model.Functions.Add(copies.Copy(function));
        return model;
    }

    private Function Copy(Function source) => new(source.Domain, source.Name, source.Overload, Copy(source.Body, outer: null))
    {
        AttributeNames = source.AttributeNames,
        AttributeDefaults = source.AttributeDefaults,
        Opsets = source.Opsets,
        DocString = source.DocString,
        Metadata = source.Metadata,
        Origin = source.Origin,
    };

    private Graph Copy(Graph source, Graph? outer)
    {
        var graph = new Graph(source.Name, outer) { DocString = source.DocString, Metadata = source.Metadata, Origin = source.Origin };
        graph.Reserve(source.Values.Count);
        foreach (Value value in source.Inputs)
            Keep(value, graph.AddInput(value.Name));
        foreach (Value value in source.SparseInitializers)
            Keep(value, graph.AddSparseInitializer(value.Name, value.SparseInitializer!));
        foreach (Value value in source.Values)
        {
            if (!_values.ContainsKey(value))
                Keep(value, graph.AddValue(value.Name));
        }

        foreach (Value value in source.Initializers)
        {
            graph.SetInitializer(_values[value], value.Initializer);
            _values[value].Type = value.Type;
        }

        foreach (Description description in source.Descriptions)
            graph.Descriptions.Add(description.Value is { } value ? new Description(_values.GetValueOrDefault(value, value), null) : description);
        foreach (Node node in source.Nodes)
            Copy(node, graph);
        foreach (Value output in source.Outputs)
            graph.AddOutput(_values[output]);
        // Last: names that are made from here on are those that would be made in the source.
        graph.LastNumber = source.LastNumber;
        return graph;
    }

    private void Keep(Value source, Value copy)
    {
        copy.Type = source.Type;
        copy.DocString = source.DocString;
        copy.Metadata = source.Metadata;
        copy.Origins = source.Origins;
        _values.Add(source, copy);
    }

    private void Copy(Node source, Graph graph)
    {
        Node node = graph.AddNode(source.OpType, source.Inputs.Select(input => input is null ? null : _values[input]), source.Domain);
        node.Name = source.Name;
        node.Overload = source.Overload;
        node.DocString = source.DocString;
        node.Metadata = source.Metadata;
        node.Provenance = source.Provenance;
        node.Origin = source.Origin;
        foreach (NodeAttribute attribute in source.Attributes)
            node.SetAttribute(Copy(attribute, graph));
        for (int i = 0; i < source.Outputs.Count; i++)
            node.SetOutput(i, source.Outputs[i] is { } output ? _values[output] : null);
    }

    private NodeAttribute Copy(NodeAttribute attribute, Graph graph) => attribute switch
    {
        GraphAttribute g => new GraphAttribute(g.Name, Copy(g.Value, graph)) { DocString = g.DocString, Original = g.Original },
        GraphsAttribute gs => new GraphsAttribute(gs.Name, [.. gs.Values.Select(g => Copy(g, graph))]) { DocString = gs.DocString, Original = gs.Original },
        _ => attribute,
    };
}
