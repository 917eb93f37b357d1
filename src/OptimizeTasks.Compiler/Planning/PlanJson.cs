using System.Text.Json.Serialization;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Reads and writes plans without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CompressionPlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
