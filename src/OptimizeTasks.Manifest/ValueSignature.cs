namespace OptimizeTasks.Manifest;

/// <summary>An input or an output of a model.</summary>
public sealed record ValueSignature
{
    /// <summary>The name in the model.</summary>
    public required string Name { get; init; }

    /// <summary>The type.</summary>
    public required TypeSignature Type { get; init; }

    /// <summary>Whether the model has a value of its own for this input, so that a caller may leave it out.</summary>
    public bool HasDefault { get; init; }

    /// <summary>Documentation in the model, or null.</summary>
    public string? DocString { get; init; }
}
