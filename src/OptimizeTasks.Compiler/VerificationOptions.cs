using System.Collections.Immutable;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>How two models are compared.</summary>
public sealed record VerificationOptions
{
    /// <summary>The greatest error that compiling without changing formats may cause.</summary>
    public const double DefaultTolerance = 1e-4;

    /// <summary>
    /// The greatest relative error of an output that is accepted. Models that compute in half precision or bfloat16 are
    /// allowed at least the precision of those types.
    /// </summary>
    public double Tolerance { get; init; } = DefaultTolerance;

    /// <summary>How the compiled model is loaded: as its manifest says. The original is always loaded without optimisations.</summary>
    public SessionSettings CompiledSettings { get; init; } = new();

    /// <summary>Sizes of symbolic dimensions that the compiled model was made for: symbol → size.</summary>
    public ImmutableSortedDictionary<string, long> FixedDimensions { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>
    /// What was promised of inputs: others are not drawn. Where a mask is promised to be right-padded, what outputs have at
    /// masked places is not compared: nobody may use it.
    /// </summary>
    public ImmutableArray<InputContract> Contracts { get; init; } = [];

    /// <summary>Native libraries that implement custom operators, for both models.</summary>
    public ImmutableArray<string> CustomOpLibraries { get; init; } = [];

    /// <summary>Inputs to compare on, each a tensor for every input by name. Where there are none, inputs are drawn.</summary>
    public ImmutableArray<IReadOnlyDictionary<string, Tensor>> Inputs { get; init; } = [];

    /// <summary>
    /// What one load or run may take. All runs of the original on drawn inputs may take as long together, and the whole
    /// comparison four times as long: inputs for which there is no time are left out.
    /// </summary>
    public RunLimits Limits { get; init; } = RunLimits.Default;

    /// <summary>What all inputs that are drawn, and what the original makes of them, may take: inputs that would take more are left out.</summary>
    public long MemoryBytes { get; init; } = 1 << 30;

    /// <summary>Where the drawing of inputs starts: the same number gives the same inputs.</summary>
    public int Seed { get; init; } = 1;
}
