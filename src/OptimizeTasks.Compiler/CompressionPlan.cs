using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Compiler.Planning;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Which node keeps its weights in which format: a value that is made from a <see cref="QuantizationMode"/>, printed,
/// edited, and given back as <see cref="CompilerOptions.Plan"/>.
/// </summary>
public sealed record CompressionPlan
{
    /// <summary>The nodes that have weights, in the order of the graph. A node that is not listed keeps its weights as they are.</summary>
    public required ImmutableArray<PlannedNode> Nodes { get; init; }

    /// <summary>Whether any node's weights are quantised.</summary>
    [JsonIgnore]
    public bool Quantizes => Nodes.Any(node => node.Format != WeightFormat.Float);

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CompilationException">The file cannot be read (<see cref="Diagnostics.CannotRead"/>) or is no plan (<see cref="Diagnostics.InvalidPlan"/>).</exception>
    public static CompressionPlan ReadFile(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, path), e);
        }
    }

    /// <summary>Reads a plan from its JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">What diagnostics call it, or null.</param>
    /// <exception cref="CompilationException">The text is no plan (<see cref="Diagnostics.InvalidPlan"/>).</exception>
    public static CompressionPlan Parse(string json, string? path = null)
    {
        try
        {
            CompressionPlan? plan = JsonSerializer.Deserialize(json, PlanJson.Default.CompressionPlan);
            return plan is { Nodes.IsDefault: false } ? plan : throw new JsonException("it has no list of nodes");
        }
        catch (JsonException e)
        {
            throw new CompilationException(Diagnostics.InvalidPlan.Create($"The plan cannot be understood: {e.Message}", path), e);
        }
    }

    /// <summary>The plan as JSON, which <see cref="Parse"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.CompressionPlan).ReplaceLineEndings("\n") + "\n";
}
