using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>What the user asks of one compilation. The names are those of the item's metadata.</summary>
public sealed record CompilerOptions
{
    /// <summary>How much is changed.</summary>
    public OptimizationLevel Optimization { get; init; } = OptimizationLevel.Full;

    /// <summary>The highest operator set that may be written; null for the lowest that fits.</summary>
    public int? Opset { get; init; }

    /// <summary>What runs the compiled model.</summary>
    public Engine Engine { get; init; } = Engine.OnnxRuntime;

    /// <summary>The execution providers that will run the model, the preferred one first: the result has the operators that all of them have kernels for.</summary>
    public ImmutableArray<string> Providers { get; init; } = ["Cpu"];

    /// <summary>Sizes of symbolic dimensions that are fixed: symbol → size.</summary>
    public ImmutableSortedDictionary<string, long> FixedDimensions { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>What is promised of inputs, so that faster kernels may be used. Whoever runs the model must check it, as generated classes do.</summary>
    public ImmutableArray<InputContract> Contracts { get; init; } = [];

    /// <summary>Names of passes that do not run.</summary>
    public ImmutableArray<string> DisabledPasses { get; init; } = [];

    /// <summary>The name of the last pass that runs, or null for all.</summary>
    public string? StopAfter { get; init; }

    /// <summary>The name of a rule of which every application and the closest near misses are told (<see cref="CompilationResult.Explanation"/>), or null.</summary>
    public string? Explain { get; init; }

    /// <summary>A folder that receives the model after every pass that changed it, or null.</summary>
    public string? DumpFolder { get; init; }

    /// <summary>
    /// Whether the weights go to a file of their own, which ONNX Runtime maps instead of copying it; null where the size
    /// decides (<see cref="CompilationResult.WriteOptions"/>).
    /// </summary>
    public bool? ExternalData { get; init; }

    /// <summary>In which format weights are kept. Default: as in the model.</summary>
    public QuantizationMode Quantization { get; init; }

    /// <summary>The floating-point type that the model computes in; null for that of the model. Inputs and outputs keep theirs.</summary>
    public ComputePrecision? Precision { get; init; }

    /// <summary>What the model is calibrated on; null for samples that are drawn.</summary>
    public ISampleSource? Samples { get; init; }

    /// <summary>Whether the budget is held on samples, by <see cref="Metric"/>, and not on the inputs that verification draws.</summary>
    internal bool MeasuresAccuracy => Samples is not null || Metric is not null;

    /// <summary>How ranges of activations are chosen from the samples, where a format needs them.</summary>
    public CalibrationMethod CalibrationMethod { get; init; }

    /// <summary>The format of each node; null where <see cref="Quantization"/> decides.</summary>
    public CompressionPlan? Plan { get; init; }

    /// <summary>What makes quantised weights more exact. Default: nothing, the fastest to compile.</summary>
    public Corrections Corrections { get; init; }

    /// <summary>Other formats for calls in which a dimension has certain sizes: variants of the model beside the one for all other calls.</summary>
    public ImmutableArray<SizedFormat> Variants { get; init; } = [];

    /// <summary>In which format tables are kept that are looked up; null for that of <see cref="Quantization"/>.</summary>
    public QuantizationMode? Tables { get; init; }

    /// <summary>Patterns, with <c>*</c> and <c>?</c>, of the names of nodes whose weights and precision stay as they are.</summary>
    public ImmutableArray<string> ExcludeNodes { get; init; } = [];

    /// <summary>How <see cref="AccuracyBudget"/> is measured on samples; null for the relative L2 error.</summary>
    public Metric? Metric { get; init; }

    /// <summary>The greatest loss that quantisation may cause, by default the relative L2 error; null for what its formats usually cost.</summary>
    public double? AccuracyBudget { get; init; }

    /// <summary>Whether the result is compared with the original.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>The greatest relative L2 error that verification accepts; null for <see cref="AccuracyBudget"/>, or for what the formats of the result usually cost.</summary>
    public double? Tolerance { get; init; }
}
