using System.Text.Json.Serialization;

namespace OptimizeTasks.Tool.Inspection;

/// <summary>What <c>inspect</c> says of a model; the properties are those of its JSON.</summary>
internal sealed record ModelSummary
{
    public required string File { get; init; }

    /// <summary>Bytes of the model file itself.</summary>
    public required long FileBytes { get; init; }

    public required long IrVersion { get; init; }

    public string? ProducerName { get; init; }

    public string? ProducerVersion { get; init; }

    public string? Domain { get; init; }

    public long? ModelVersion { get; init; }

    public string? GraphName { get; init; }

    public string? DocString { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The version of each operator set; ONNX's own is called <c>ai.onnx</c>.</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    public required IReadOnlyList<ValueSummary> Inputs { get; init; }

    public required IReadOnlyList<ValueSummary> Outputs { get; init; }

    /// <summary>The names of the dimensions of inputs and outputs that have no fixed size.</summary>
    public required IReadOnlyList<string> SymbolicDimensions { get; init; }

    /// <summary>All nodes, those of subgraphs included, those of functions not.</summary>
    public required int Nodes { get; init; }

    public required int Subgraphs { get; init; }

    /// <summary>Nodes by operator, the commonest first.</summary>
    public required IReadOnlyList<OperatorCount> Operators { get; init; }

    /// <summary>The functions that the model defines itself.</summary>
    public required IReadOnlyList<FunctionSummary> Functions { get; init; }

    /// <summary>Elements of all weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all weights, wherever they stand.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>The number of weights.</summary>
    public required int Weights { get; init; }

    public required IReadOnlyList<WeightSummary> LargestWeights { get; init; }
}

/// <summary>An input or output.</summary>
internal sealed record ValueSummary(string Name, string Type, bool HasDefault);

/// <summary>How often an operator occurs.</summary>
internal sealed record OperatorCount(string Operator, int Count);

/// <summary>A function that the model defines itself.</summary>
internal sealed record FunctionSummary(string Name, int Nodes);

/// <summary>A weight.</summary>
internal sealed record WeightSummary(string Name, string Type, long Bytes);

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
