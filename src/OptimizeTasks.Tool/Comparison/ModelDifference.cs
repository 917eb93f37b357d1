using System.Text.Json.Serialization;

namespace OptimizeTasks.Tool.Comparison;

/// <summary>What differs between two models; the properties are those of the command's JSON.</summary>
internal sealed record ModelDifference
{
    public required string A { get; init; }

    public required string B { get; init; }

    /// <summary>Whether there is no difference.</summary>
    public bool IsEmpty => Interface.Count + Opsets.Count + Operators.Count == 0 && Nodes.IsEmpty && Initializers.IsEmpty && !Bytes.Differs && !WeightBytes.Differs;

    /// <summary>Bytes of all files.</summary>
    public required Change<long> Bytes { get; init; }

    /// <summary>Nodes, those of subgraphs included.</summary>
    public required Change<int> NodeCount { get; init; }

    /// <summary>Initializers, those of subgraphs included.</summary>
    public required Change<int> InitializerCount { get; init; }

    /// <summary>Bytes of all initializers.</summary>
    public required Change<long> WeightBytes { get; init; }

    /// <summary>Inputs and outputs that differ: the type, or null where a model has none of that name.</summary>
    public required IReadOnlyList<ValueChange> Interface { get; init; }

    /// <summary>Operator sets whose versions differ; 0 where a model does not have them.</summary>
    public required IReadOnlyList<NamedChange<long>> Opsets { get; init; }

    /// <summary>Operators that one model has more often than the other.</summary>
    public required IReadOnlyList<NamedChange<int>> Operators { get; init; }

    /// <summary>Nodes by name.</summary>
    public required ItemChanges Nodes { get; init; }

    /// <summary>Initializers by name.</summary>
    public required ItemChanges Initializers { get; init; }
}

/// <summary>A number in both models.</summary>
internal sealed record Change<T>(T A, T B)
    where T : IEquatable<T>
{
    [JsonIgnore]
    public bool Differs => !A.Equals(B);
}

/// <summary>A number in both models, of something that has a name.</summary>
internal sealed record NamedChange<T>(string Name, T A, T B);

/// <summary>An input or output whose type differs.</summary>
internal sealed record ValueChange(string Kind, string Name, string? A, string? B);

/// <summary>What only one model has, and what both have and differs.</summary>
internal sealed record ItemChanges(IReadOnlyList<Item> Removed, IReadOnlyList<Item> Added, IReadOnlyList<ItemChange> Changed)
{
    [JsonIgnore]
    public bool IsEmpty => Removed.Count + Added.Count + Changed.Count == 0;
}

/// <summary>A node with its operator, or an initializer with its type and bytes.</summary>
internal sealed record Item(string Name, string Description, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Bytes = 0);

/// <summary>What of a node or initializer differs, and how.</summary>
internal sealed record ItemChange(string Name, string What, string A, string B);

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ModelDifference))]
internal sealed partial class DifferenceJson : JsonSerializerContext;
