using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Makes a model of its message.</summary>
internal static class ModelBuilder
{
    private const int FirstVersionWithOpsets = 3;

    public static Model Build(ModelProto message, MessageWalker walker, TensorDecoder tensors, CancellationToken cancellationToken)
    {
        if (message.Graph is null)
            throw new ModelFormatException(ModelFault.Truncated, "The file ends before the graph.");
        if (message.OpsetImport.Count == 0 && message.IrVersion >= FirstVersionWithOpsets)
            throw new ModelFormatException(ModelFault.Truncated, "The file ends before the operator sets.");

        var graphs = new GraphBuilder(walker, tensors, cancellationToken);
        var model = new Model(graphs.Build(message.Graph))
        {
            IrVersion = message.IrVersion,
            ProducerName = message.HasProducerName ? message.ProducerName : null,
            ProducerVersion = message.HasProducerVersion ? message.ProducerVersion : null,
            Domain = message.HasDomain ? message.Domain : null,
            ModelVersion = message.HasModelVersion ? message.ModelVersion : null,
            DocString = message.HasDocString ? message.DocString : null,
            Metadata = Messages.Entries(message.MetadataProps),
        };
        foreach ((string domain, long version) in Opsets(message.OpsetImport))
            model.Opsets.Add(domain, version);
        foreach (FunctionProto function in message.Functions)
            model.Functions.Add(graphs.Build(function));

        message.Graph = null;
        message.Functions.Clear();
        model.Origin = Origin<ModelProto>.Of(message, Messages.Head(model));
        return model;
    }

    /// <summary>The operator sets by normalised domain.</summary>
    public static SortedDictionary<string, long> Opsets(IEnumerable<OperatorSetIdProto> messages)
    {
        var opsets = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto message in messages)
        {
            string domain = GraphBuilder.NormalizeDomain(message.Domain);
            if (!opsets.TryAdd(domain, message.Version) && opsets[domain] != message.Version)
                throw new ModelFormatException($"The model imports two versions of the operator set '{domain}'.");
        }

        return opsets;
    }
}
