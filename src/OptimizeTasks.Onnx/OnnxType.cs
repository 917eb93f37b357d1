namespace OptimizeTasks.Onnx;

/// <summary>The type of a value, as ONNX's <c>TypeProto</c>.</summary>
public abstract record OnnxType
{
    /// <summary>What the value stands for (<c>IMAGE</c>, <c>AUDIO</c>, …), or null.</summary>
    public string? Denotation { get; init; }
}

/// <summary>A dense tensor. <paramref name="Shape"/> is null where even the rank is unknown.</summary>
public sealed record TensorType(ElementType ElementType, Shape? Shape = null) : OnnxType;

/// <summary>A sparse tensor. <paramref name="Shape"/> is null where even the rank is unknown.</summary>
public sealed record SparseTensorType(ElementType ElementType, Shape? Shape = null) : OnnxType;

/// <summary>A sequence of values of one type; null where it is not given.</summary>
public sealed record SequenceType(OnnxType? Element) : OnnxType;

/// <summary>A map from integers or strings to values of one type.</summary>
public sealed record MapType(ElementType Key, OnnxType? Value) : OnnxType;

/// <summary>A value that may be absent.</summary>
public sealed record OptionalType(OnnxType? Element) : OnnxType;

/// <summary>A type that only the named domain knows.</summary>
public sealed record OpaqueType(string? Domain, string? Name) : OnnxType;
