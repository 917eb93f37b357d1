using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Runtime;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>The providers in order of preference; null for those of the build. One that cannot start is passed over, and
    /// <see cref="Placement.Skipped"/> says why.</summary>
    public IReadOnlyList<Provider>? Providers { get; init; }

    /// <summary>
    /// Whether loading fails where the first provider cannot start, or does not take every node but the computation of shapes,
    /// which ONNX Runtime keeps on the processor by design.
    /// </summary>
    public bool RequireProvider { get; init; }

    /// <summary>Threads that share one operator's work; null for one per core.</summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>Threads that run independent operators; null for ONNX Runtime's default.</summary>
    public int? InterOpThreads { get; init; }

    /// <summary>Whether idle threads spin for a while, which answers the next call sooner and slows other work; null for ONNX Runtime's default (yes).</summary>
    public bool? AllowSpinning { get; init; }

    /// <summary>Whether <see cref="OptimizedModel.Placement"/> is recorded; it costs a little at load.</summary>
    public bool RecordPlacement { get; init; } = true;

    /// <summary>Called with the session's options when all others are set, to change them.</summary>
    public Action<SessionOptions>? ConfigureSession { get; init; }

    /// <summary>Called with a line of text about the load: providers passed over, which provider runs what.</summary>
    public Action<string>? Log { get; init; }
}
