using System.Collections.Immutable;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Reading;

/// <summary>Makes attributes of messages.</summary>
internal static class AttributeDecoder
{
    public static NodeAttribute Decode(AttributeProto message, TensorDecoder tensors, Func<GraphProto, Graph> graph)
    {
        string name = message.Name;
        string? doc = message.HasDocString ? message.DocString : null;
        AttributeKind kind = message.HasType ? (AttributeKind)message.Type : Guess(message);
        if (message.HasRefAttrName && message.RefAttrName.Length > 0)
            return new ReferenceAttribute(name, message.RefAttrName, kind) { DocString = doc };
        return kind switch
        {
            AttributeKind.Float => new FloatAttribute(name, message.F) { DocString = doc },
            AttributeKind.Int => new IntAttribute(name, message.I) { DocString = doc },
            AttributeKind.String => new StringAttribute(name, message.S.Memory) { DocString = doc },
            AttributeKind.Floats => new FloatsAttribute(name, [.. message.Floats]) { DocString = doc },
            AttributeKind.Ints => new IntsAttribute(name, [.. message.Ints]) { DocString = doc },
            AttributeKind.Strings => new StringsAttribute(name, [.. message.Strings.Select(s => s.Memory)]) { DocString = doc },
            AttributeKind.Type => new TypeAttribute(name, TypeDecoder.Decode(message.Tp)) { DocString = doc },
            AttributeKind.Types => new TypesAttribute(name, [.. message.TypeProtos.Select(TypeDecoder.Decode)]) { DocString = doc },
            AttributeKind.Graph => new GraphAttribute(name, graph(message.G ?? throw Empty(name))) { DocString = doc },
            AttributeKind.Graphs => new GraphsAttribute(name, [.. message.Graphs.Select(graph)]) { DocString = doc },
            AttributeKind.Tensor => Tensor(name, doc, message.T ?? throw Empty(name), tensors),
            AttributeKind.Tensors => Tensors(name, doc, message, tensors),
            AttributeKind.SparseTensor => new SparseTensorAttribute(name, tensors.Decode(message.SparseTensor ?? throw Empty(name))) { DocString = doc },
            AttributeKind.SparseTensors => new SparseTensorsAttribute(name, [.. message.SparseTensors.Select(tensors.Decode)]) { DocString = doc },
            _ => throw new ModelFormatException($"The attribute '{name}' has no known type ({(int)kind})."),
        };
    }

    private static TensorAttribute Tensor(string name, string? doc, TensorProto message, TensorDecoder tensors)
    {
        string? tensorName = message.HasName ? message.Name : null;
        return new TensorAttribute(name, tensors.Decode(message)) { DocString = doc, TensorName = tensorName };
    }

    private static TensorsAttribute Tensors(string name, string? doc, AttributeProto message, TensorDecoder tensors)
    {
        ImmutableArray<string?> names = [.. message.Tensors.Select(t => t.HasName ? t.Name : null)];
        return new TensorsAttribute(name, [.. message.Tensors.Select(tensors.Decode)]) { DocString = doc, TensorNames = names };
    }

    /// <summary>Files of the first versions of the format do not give the type.</summary>
    private static AttributeKind Guess(AttributeProto message) => message switch
    {
        { HasF: true } => AttributeKind.Float,
        { HasI: true } => AttributeKind.Int,
        { HasS: true } => AttributeKind.String,
        { T: not null } => AttributeKind.Tensor,
        { G: not null } => AttributeKind.Graph,
        { Floats.Count: > 0 } => AttributeKind.Floats,
        { Ints.Count: > 0 } => AttributeKind.Ints,
        { Strings.Count: > 0 } => AttributeKind.Strings,
        { Tensors.Count: > 0 } => AttributeKind.Tensors,
        { Graphs.Count: > 0 } => AttributeKind.Graphs,
        _ => AttributeKind.Undefined,
    };

    private static ModelFormatException Empty(string name) => new($"The attribute '{name}' has no value.");
}
