using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OptimizeTasks.Manifest.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>What goes into a model and what comes out of it, and what the model says of itself: all that its class needs.</summary>
public sealed record Signature
{
    /// <summary>The inputs, in the model's order.</summary>
    public required ImmutableArray<ValueSignature> Inputs { get; init; }

    /// <summary>The outputs, in the model's order.</summary>
    public required ImmutableArray<ValueSignature> Outputs { get; init; }

    /// <summary>What the user promised about inputs; the class checks it before each run.</summary>
    public ImmutableArray<InputContract> Contracts { get; init; } = [];

    /// <summary>The outputs that feed inputs of the next run, if the model is recurrent.</summary>
    public ImmutableArray<StatePair> States { get; init; } = [];

    /// <summary>What the model says of itself.</summary>
    public ModelDescription Description { get; init; } = new();

    /// <summary>
    /// A hash of what a caller depends on: names, types, symbolic shapes and contracts, in order. Documentation and state
    /// pairs leave it unchanged. Stable between versions of this library: <c>sha256:</c> and 64 hexadecimal digits.
    /// </summary>
    [JsonIgnore]
    public string Hash => SignatureHash.Of(this);
}
