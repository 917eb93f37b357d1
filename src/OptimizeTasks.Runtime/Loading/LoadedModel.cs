using System.Collections.Immutable;
using System.ComponentModel;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>A session that was made for a generated class, with what is known of it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LoadedModel
{
    internal LoadedModel(InferenceSession session, CompiledModel? manifest, Variant? variant, Placement placement, bool oneCallAtATime, bool isOnProcessor)
    {
        Session = session;
        Manifest = manifest;
        Variant = variant;
        Placement = placement;
        OneCallAtATime = oneCallAtATime;
        IsOnProcessor = isOnProcessor;
    }

    internal InferenceSession Session { get; }

    internal CompiledModel? Manifest { get; }

    /// <summary>The variant of the manifest that was loaded; null without a manifest.</summary>
    internal Variant? Variant { get; }

    /// <summary>The graphs for calls of certain sizes.</summary>
    internal ImmutableArray<SizeVariant> SizeVariants { get; init; } = [];

    internal Placement Placement { get; }

    /// <summary>Whether the provider runs one call at a time.</summary>
    internal bool OneCallAtATime { get; }

    /// <summary>Whether nothing can run anywhere else than on the processor.</summary>
    internal bool IsOnProcessor { get; }

    /// <summary>A session of the caller's making. Its placement is known if the caller had it recorded.</summary>
    internal static LoadedModel Around(ModelContract contract, InferenceSession session)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(session);
        ContractCheck.CheckLibrary(contract);
        ContractCheck.CheckSession(contract, session);
        Placement placement = PlacementReader.TryRead(session);
        // Which of the providers are serial is only known from the placement; where it is not, the caller chose the provider.
        bool oneCallAtATime = placement.Shares.Any(share => share.Provider is "WebGpu" or "DirectMl");
        return new LoadedModel(session, null, null, placement, oneCallAtATime, placement.IsKnown && placement.Shares.All(share => share.Provider == Provider.Cpu.Name));
    }
}
