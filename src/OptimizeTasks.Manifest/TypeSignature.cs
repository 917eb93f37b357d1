using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>The type of an input or output, as ONNX's <c>TypeProto</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TensorSignature), "tensor")]
[JsonDerivedType(typeof(SparseTensorSignature), "sparseTensor")]
[JsonDerivedType(typeof(SequenceSignature), "sequence")]
[JsonDerivedType(typeof(MapSignature), "map")]
[JsonDerivedType(typeof(OptionalSignature), "optional")]
[JsonDerivedType(typeof(OpaqueSignature), "opaque")]
public abstract record TypeSignature
{
    private protected TypeSignature()
    {
    }
}

/// <summary>A dense tensor.</summary>
public sealed record TensorSignature : TypeSignature
{
    /// <summary>The type of the elements.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>The dimensions, outermost first; null where even the rank is unknown.</summary>
    public ImmutableArray<DimensionSignature>? Dimensions { get; init; }

    /// <summary>For instance <c>float[batch,3,224,224]</c>; <c>?</c> for an unknown dimension, <c>[...]</c> for an unknown rank.</summary>
    public override string ToString() => Dimensions is { } dimensions
        ? $"{ElementType.OnnxName()}[{string.Join(',', dimensions)}]"
        : $"{ElementType.OnnxName()}[...]";
}

/// <summary>A sparse tensor.</summary>
public sealed record SparseTensorSignature : TypeSignature
{
    /// <summary>The type of the elements.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>For instance <c>sparse(float)</c>.</summary>
    public override string ToString() => $"sparse({ElementType.OnnxName()})";
}

/// <summary>A sequence of values of one type.</summary>
public sealed record SequenceSignature : TypeSignature
{
    /// <summary>The type of the elements.</summary>
    public required TypeSignature Element { get; init; }

    /// <summary>For instance <c>seq(float[?])</c>.</summary>
    public override string ToString() => $"seq({Element})";
}

/// <summary>A map to values of one type.</summary>
public sealed record MapSignature : TypeSignature
{
    /// <summary>The type of the keys: an integer type or string.</summary>
    public required ElementType Key { get; init; }

    /// <summary>The type of the values.</summary>
    public required TypeSignature Value { get; init; }

    /// <summary>For instance <c>map(int64,float[])</c>.</summary>
    public override string ToString() => $"map({Key.OnnxName()},{Value})";
}

/// <summary>A value that may be absent.</summary>
public sealed record OptionalSignature : TypeSignature
{
    /// <summary>The type of the value when it is there.</summary>
    public required TypeSignature Element { get; init; }

    /// <summary>For instance <c>optional(float[?])</c>.</summary>
    public override string ToString() => $"optional({Element})";
}

/// <summary>A type that only the named domain knows.</summary>
public sealed record OpaqueSignature : TypeSignature
{
    /// <summary>The domain, or null.</summary>
    public string? Domain { get; init; }

    /// <summary>The type's name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>For instance <c>opaque(ai.onnx,String)</c>.</summary>
    public override string ToString() => $"opaque({Domain},{Name})";
}
