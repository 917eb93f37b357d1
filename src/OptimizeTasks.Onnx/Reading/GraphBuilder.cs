using System.Collections.Immutable;
using Google.Protobuf.Collections;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Makes graphs of messages, and resolves names.</summary>
internal sealed class GraphBuilder(MessageWalker walker, TensorDecoder tensors, CancellationToken cancellationToken)
{
    /// <summary>Ten times what any operator has. Each is looked for among the others.</summary>
    private const int MostAttributes = 512;

    private readonly HashSet<Graph> _unsorted = [];

    // Operators' names: a few, each many times.
    private readonly HashSet<string> _operators = new(StringComparer.Ordinal);

    /// <summary>The domain; <c>ai.onnx</c> is another name of ONNX's own.</summary>
    public static string NormalizeDomain(string domain) => domain == "ai.onnx" ? "" : domain;

    public Graph Build(GraphProto message, Graph? outer = null)
    {
        var graph = new Graph(message.Name, outer)
        {
            DocString = message.HasDocString ? message.DocString : null,
            Metadata = Messages.Entries(message.MetadataProps),
        };
        foreach (ValueInfoProto input in message.Input)
            Describe(graph.AddInput(input.Name), input);
        foreach (TensorProto initializer in message.Initializer)
            AddInitializer(graph, initializer);
        foreach (SparseTensorProto initializer in message.SparseInitializer)
            graph.AddSparseInitializer(initializer.Values?.Name ?? "", tensors.Decode(initializer));
        graph.Reserve(walker.NodeCountOf(message));
        AddNodes(graph, walker.NodesOf(message));
        foreach (ValueInfoProto output in message.Output)
            Describe(AddOutput(graph, output.Name), output);
        AddDescriptions(graph, message.ValueInfo);

        KeepOrigins(graph, message.Input, graph.Inputs, ValueRole.Input);
        KeepOrigins(graph, message.Output, graph.Outputs, ValueRole.Output);
        message.Node.Clear();
        message.Initializer.Clear();
        message.SparseInitializer.Clear();
        graph.Origin = Origin<GraphProto>.Of(message, Messages.Head(graph));
        return graph;
    }

    public Function Build(FunctionProto message)
    {
        var body = new Graph(message.Name);
        foreach (string input in message.Input)
            body.AddInput(input);
        AddNodes(body, message.Node);
        foreach (string output in message.Output)
            AddOutput(body, output);
        AddDescriptions(body, message.ValueInfo);

        var function = new Function(NormalizeDomain(message.Domain), message.Name, message.HasOverload ? message.Overload : null, body)
        {
            AttributeNames = [.. message.Attribute],
            AttributeDefaults = [.. message.AttributeProto.Select(a => Decode(a, body))],
            Opsets = ModelBuilder.Opsets(message.OpsetImport).ToImmutableSortedDictionary(StringComparer.Ordinal),
            DocString = message.HasDocString ? message.DocString : null,
            Metadata = Messages.Entries(message.MetadataProps),
        };
        message.Node.Clear();
        message.AttributeProto.Clear();
        function.Origin = Origin<FunctionProto>.Of(message, Messages.Head(function));
        return function;
    }

    private void AddInitializer(Graph graph, TensorProto message)
    {
        string name = message.Name;
        Tensor tensor = tensors.Decode(message);
        Value value = graph.FindOwn(name) is { IsInput: true, Initializer: null } input ? input : graph.AddValue(name);
        graph.SetInitializer(value, tensor);
    }

    /// <summary>All outputs first, so that a node may stand before the producers of its inputs; the graph is sorted then.</summary>
    private void AddNodes(Graph graph, IEnumerable<NodeProto> messages)
    {
        HashSet<int> repeated = AddOutputs(graph, messages);
        int index = 0;
        foreach (NodeProto message in messages)
        {
            if (!repeated.Contains(index++))
                AddNode(graph, message);
        }

        if (_unsorted.Remove(graph))
            graph.Sort();
    }

    /// <returns>The numbers of Constants before others of the same name: some exporters leave two. ONNX Runtime takes the last, and so do we.</returns>
    private static HashSet<int> AddOutputs(Graph graph, IEnumerable<NodeProto> messages)
    {
        var repeated = new HashSet<int>();
        var constants = new Dictionary<string, int>(StringComparer.Ordinal);
        int index = 0;
        foreach (NodeProto message in messages)
        {
            bool isConstant = message is { OpType: "Constant", Output: [{ Length: > 0 }] } && NormalizeDomain(message.Domain).Length == 0;
            if (isConstant && constants.TryGetValue(message.Output[0], out int earlier))
            {
                repeated.Add(earlier);
            }
            else
            {
                foreach (string output in message.Output.Where(o => o.Length > 0))
                    graph.AddValue(output);
            }

            if (isConstant)
                constants[message.Output[0]] = index;
            index++;
        }

        return repeated;
    }

    private void AddNode(Graph graph, NodeProto message)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (message.OpType.Length == 0)
            throw new ModelFormatException($"The node '{message.Name}' has no operator.");
        Node node = graph.AddNode(Shared(message.OpType), message.Input.Select(name => Find(graph, name, message)), NormalizeDomain(Shared(message.Domain)));
        node.Name = message.Name;
        node.Overload = message.HasOverload ? message.Overload : null;
        node.DocString = message.HasDocString ? message.DocString : null;
        node.Metadata = Messages.Entries(message.MetadataProps);
        if (message.Attribute.Count > MostAttributes)
            throw new ModelFormatException(FormattableString.Invariant($"The node '{message.Name}' has {message.Attribute.Count} attributes."));
        foreach (AttributeProto attribute in message.Attribute)
        {
            if (node.Attribute(attribute.Name) is not null)
                throw new ModelFormatException($"The node '{message.Name}' has the attribute '{attribute.Name}' twice.");
            node.SetAttribute(Decode(attribute, graph));
        }

        for (int i = 0; i < message.Output.Count; i++)
            node.SetOutput(i, message.Output[i].Length == 0 ? null : graph.FindOwn(message.Output[i]));
        message.Attribute.Clear();
        node.Origin = Origin<NodeProto>.Of(message, Messages.Head(node));
    }

    private string Shared(string name)
    {
        if (_operators.TryGetValue(name, out string? shared))
            return shared;
        _operators.Add(name);
        return name;
    }

    private Value? Find(Graph graph, string name, NodeProto user)
    {
        if (name.Length == 0)
            return null;
        Value value = graph.Find(name)
            ?? throw new ModelFormatException($"The node '{user.Name}' ({user.OpType}) uses '{name}', which nothing defines.");
        if (value is { Producer: null, IsInput: false, Initializer: null, SparseInitializer: null })
            _unsorted.Add(value.Graph);
        return value;
    }

    private static Value AddOutput(Graph graph, string name)
    {
        Value value = graph.Find(name) ?? throw new ModelFormatException($"Nothing defines the output '{name}' of the graph '{graph.Name}'.");
        // ONNX Runtime refuses it as well.
        if (value.Graph != graph)
            throw new ModelFormatException($"The output '{name}' of the graph '{graph.Name}' belongs to the graph around it; an Identity must stand between.");
        graph.AddOutput(value);
        return value;
    }

    private static void AddDescriptions(Graph graph, RepeatedField<ValueInfoProto> messages)
    {
        foreach (ValueInfoProto message in messages)
        {
            Value? value = graph.FindOwn(message.Name);
            if (value is not null)
                Describe(value, message);
            graph.Descriptions.Add(new Description(value, value is null ? message : null));
        }

        for (int i = 0; i < messages.Count; i++)
        {
            if (graph.Descriptions[i].Value is { } value)
                KeepOrigin(value, messages[i], ValueRole.Inner);
        }
    }

    private static void Describe(Value value, ValueInfoProto message)
    {
        value.Type ??= TypeDecoder.Decode(message.Type);
        if (message.HasDocString)
            value.DocString ??= message.DocString;
        if (value.Metadata.IsEmpty)
            value.Metadata = Messages.Entries(message.MetadataProps);
    }

    private static void KeepOrigins(Graph graph, RepeatedField<ValueInfoProto> messages, IReadOnlyList<Value> values, ValueRole role)
    {
        for (int i = 0; i < messages.Count; i++)
            KeepOrigin(values[i], messages[i], role);
    }

    private static void KeepOrigin(Value value, ValueInfoProto message, ValueRole role)
    {
        if (Origin<ValueInfoProto>.Of(message, Messages.ValueInfo(value)) is { } origin)
            value.Origins = value.Origins.SetItem(role, origin);
    }

    private NodeAttribute Decode(AttributeProto message, Graph graph)
    {
        if (message.Name.Length == 0)
            throw new ModelFormatException("An attribute has no name.");
        NodeAttribute attribute = AttributeDecoder.Decode(message, tensors, inner => Build(inner, graph));
        message.T = null;
        message.G = null;
        message.SparseTensor = null;
        message.Tensors.Clear();
        message.Graphs.Clear();
        message.SparseTensors.Clear();
        if (!Messages.AreSame(message, Messages.Head(attribute)))
            attribute.Original = message;
        return attribute;
    }
}
