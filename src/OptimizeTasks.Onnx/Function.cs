using System.Collections.Immutable;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>An operator that the model defines by a graph of other operators.</summary>
public sealed class Function(string domain, string name, string? overload, Graph body)
{
    /// <summary>The operator's domain.</summary>
    public string Domain => domain;

    /// <summary>The operator's name.</summary>
    public string Name => name;

    /// <summary>Which of several functions of one name, or null.</summary>
    public string? Overload => overload;

    /// <summary>The definition. Its inputs and outputs are the function's.</summary>
    public Graph Body => body;

    /// <summary>The attributes without default.</summary>
    public ImmutableArray<string> AttributeNames { get; init; } = [];

    /// <summary>The attributes with their defaults.</summary>
    public ImmutableArray<NodeAttribute> AttributeDefaults { get; init; } = [];

    /// <summary>The operator sets that the body is written in.</summary>
    public ImmutableSortedDictionary<string, long> Opsets { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Documentation in the file, or null.</summary>
    public string? DocString { get; init; }

    /// <summary>Free metadata of the function.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    internal Origin<FunctionProto>? Origin { get; set; }
}
