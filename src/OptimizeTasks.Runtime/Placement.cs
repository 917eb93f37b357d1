using System.Collections.Immutable;

namespace OptimizeTasks.Runtime;

/// <summary>Which provider runs what part of a model, as ONNX Runtime assigned it when the session was made.</summary>
public sealed record Placement
{
    /// <summary>What each provider runs, the greatest number of nodes first; empty where it was not recorded.</summary>
    public ImmutableArray<ProviderShare> Shares { get; init; } = [];

    /// <summary>The providers that were asked for and cannot start.</summary>
    public ImmutableArray<SkippedProvider> Skipped { get; init; } = [];

    /// <summary>The graphs for calls of certain sizes that cannot start: this one runs those calls as well.</summary>
    public ImmutableArray<SkippedVariant> SkippedVariants { get; init; } = [];

    /// <summary>Whether it is known: ONNX Runtime 1.24 or later, and <see cref="ModelOptions.RecordPlacement"/>.</summary>
    public bool IsKnown => !Shares.IsEmpty;

    /// <summary>The number of nodes that a provider runs.</summary>
    public int NodesOn(string provider) => Shares.FirstOrDefault(share => share.Provider == provider)?.Nodes ?? 0;

    /// <summary>For instance <c>WebGpu 65 nodes, Cpu 2 nodes (Gather 1, Shape 1); Cuda skipped: …</c>.</summary>
    public override string ToString()
    {
        string shares = IsKnown ? string.Join(", ", Shares.Select((share, index) => index == 0 ? $"{share.Provider} {share.Nodes} nodes" : share.ToString())) : "not recorded";
        return string.Join("; ", Skipped.Select(skipped => skipped.ToString()).Concat(SkippedVariants.Select(skipped => skipped.ToString())).Prepend(shares));
    }
}

/// <summary>What one provider runs.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Nodes">The number of nodes.</param>
/// <param name="Operators">The number of nodes by operator type.</param>
public sealed record ProviderShare(string Provider, int Nodes, ImmutableSortedDictionary<string, int> Operators)
{
    /// <summary>For instance <c>Cpu 2 nodes (Gather 1, Shape 1)</c>.</summary>
    public override string ToString() => $"{Provider} {Nodes} nodes ({string.Join(", ", Operators.Select(entry => $"{entry.Key} {entry.Value}"))})";
}

/// <summary>A provider that cannot start here.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedProvider(string Provider, string Reason)
{
    /// <summary>For instance <c>Cuda skipped: the library libcudnn.so.9 was not found</c>.</summary>
    public override string ToString() => $"{Provider} skipped: {Reason}";
}

/// <summary>A graph for calls of certain sizes that cannot start here.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedVariant(string Variant, string Reason)
{
    /// <summary>For instance <c>variant int4 skipped: there is no kernel for MatMulNBits</c>.</summary>
    public override string ToString() => $"variant {Variant} skipped: {Reason}";
}
