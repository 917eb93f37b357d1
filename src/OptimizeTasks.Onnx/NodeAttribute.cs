using System.Collections.Immutable;
using System.Text;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx;

/// <summary>An attribute of a node: a name and a value of one of ONNX's attribute types. Immutable, but for graphs inside.</summary>
public abstract class NodeAttribute
{
    private protected NodeAttribute(string name, AttributeKind kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The attribute's name.</summary>
    public string Name { get; }

    /// <summary>The attribute's type; of a reference, the type that the function's attribute must have.</summary>
    public AttributeKind Kind { get; }

    /// <summary>The documentation in the file, or null.</summary>
    public string? DocString { get; init; }

    /// <summary>The message without tensors and graphs, where it says more than the attribute does.</summary>
    internal AttributeProto? Original { get; set; }
}

/// <summary>A single-precision number.</summary>
public sealed class FloatAttribute(string name, float value) : NodeAttribute(name, AttributeKind.Float)
{
    /// <summary>The number.</summary>
    public float Value => value;
}

/// <summary>An integer.</summary>
public sealed class IntAttribute(string name, long value) : NodeAttribute(name, AttributeKind.Int)
{
    /// <summary>The integer.</summary>
    public long Value => value;
}

/// <summary>A text, UTF-8 by convention, kept as the bytes it is.</summary>
public sealed class StringAttribute(string name, ReadOnlyMemory<byte> bytes) : NodeAttribute(name, AttributeKind.String)
{
    /// <summary>An attribute of this text.</summary>
    public StringAttribute(string name, string value)
        : this(name, Encoding.UTF8.GetBytes(value))
    {
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The bytes as UTF-8.</summary>
    public string Value => Encoding.UTF8.GetString(bytes.Span);
}

/// <summary>A tensor.</summary>
public sealed class TensorAttribute(string name, Tensor value) : NodeAttribute(name, AttributeKind.Tensor)
{
    /// <summary>The tensor.</summary>
    public Tensor Value => value;

    /// <summary>The name that the tensor itself carries in the file, or null.</summary>
    public string? TensorName { get; init; }
}

/// <summary>A subgraph, such as a branch of an <c>If</c>.</summary>
public sealed class GraphAttribute(string name, Graph value) : NodeAttribute(name, AttributeKind.Graph)
{
    /// <summary>The subgraph.</summary>
    public Graph Value => value;
}

/// <summary>A type.</summary>
public sealed class TypeAttribute(string name, OnnxType? value) : NodeAttribute(name, AttributeKind.Type)
{
    /// <summary>The type.</summary>
    public OnnxType? Value => value;
}

/// <summary>Single-precision numbers.</summary>
public sealed class FloatsAttribute(string name, ImmutableArray<float> values) : NodeAttribute(name, AttributeKind.Floats)
{
    /// <summary>The numbers.</summary>
    public ImmutableArray<float> Values => values;
}

/// <summary>Integers.</summary>
public sealed class IntsAttribute(string name, ImmutableArray<long> values) : NodeAttribute(name, AttributeKind.Ints)
{
    /// <summary>The integers.</summary>
    public ImmutableArray<long> Values => values;
}

/// <summary>Texts, kept as the bytes they are.</summary>
public sealed class StringsAttribute(string name, ImmutableArray<ReadOnlyMemory<byte>> values) : NodeAttribute(name, AttributeKind.Strings)
{
    /// <summary>The texts.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Values => values;
}

/// <summary>Subgraphs.</summary>
public sealed class GraphsAttribute(string name, ImmutableArray<Graph> values) : NodeAttribute(name, AttributeKind.Graphs)
{
    /// <summary>The subgraphs.</summary>
    public ImmutableArray<Graph> Values => values;
}

/// <summary>Types.</summary>
public sealed class TypesAttribute(string name, ImmutableArray<OnnxType?> values) : NodeAttribute(name, AttributeKind.Types)
{
    /// <summary>The types.</summary>
    public ImmutableArray<OnnxType?> Values => values;
}

/// <summary>Tensors.</summary>
public sealed class TensorsAttribute(string name, ImmutableArray<Tensor> values) : NodeAttribute(name, AttributeKind.Tensors)
{
    /// <summary>The tensors.</summary>
    public ImmutableArray<Tensor> Values => values;

    /// <summary>The names that the tensors themselves carry in the file, or none.</summary>
    public ImmutableArray<string?> TensorNames { get; init; } = [];
}

/// <summary>A sparse tensor.</summary>
public sealed class SparseTensorAttribute(string name, SparseTensor value) : NodeAttribute(name, AttributeKind.SparseTensor)
{
    /// <summary>The tensor.</summary>
    public SparseTensor Value => value;
}

/// <summary>Sparse tensors.</summary>
public sealed class SparseTensorsAttribute(string name, ImmutableArray<SparseTensor> values) : NodeAttribute(name, AttributeKind.SparseTensors)
{
    /// <summary>The tensors.</summary>
    public ImmutableArray<SparseTensor> Values => values;
}

/// <summary>In a function's body: the value of the function's own attribute of this name.</summary>
public sealed class ReferenceAttribute(string name, string referenced, AttributeKind kind) : NodeAttribute(name, kind)
{
    /// <summary>The function's attribute.</summary>
    public string Referenced => referenced;
}
