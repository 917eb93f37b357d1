using System.Collections.Immutable;
using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Compiler.Simplification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Passes;

/// <summary>What a pass may know beside the graph.</summary>
internal sealed class PassContext(Model model, CompilerOptions options, IModelRunner? runner, Action<Diagnostic> report, string? file, CancellationToken cancellationToken)
{
    /// <summary>The model around the graph: operator sets and functions.</summary>
    public Model Model => model;

    /// <summary>What the user asked for.</summary>
    public CompilerOptions Options => options;

    /// <summary>Runs constant parts; null where nothing can be run.</summary>
    public IModelRunner? Runner => runner;

    /// <summary>The model's file, for diagnostics.</summary>
    public string? File => file;

    /// <summary>The operator set that the original is written in.</summary>
    public long OriginalOpset { get; private init; } = model.Opset;

    /// <summary>Receives what is being done; null where nobody looks.</summary>
    public IProgress<CompilationProgress>? Progress { get; init; }

    /// <summary>Ends the compilation.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>What shape inference found last; null before it ran.</summary>
    public ShapeFacts? Facts { get; set; }

    /// <summary>Whether the graph was changed since shape inference ran, or it never ran.</summary>
    public bool ShapesAreStale { get; set; } = true;

    /// <summary>The types that the original declares for its outputs; null before shape inference ran.</summary>
    public ImmutableArray<OnnxType?>? DeclaredOutputs { get; set; }

    /// <summary>Constant nodes that could not be computed; they are not tried again.</summary>
    public HashSet<Node> Unfoldable { get; } = [];

    /// <summary>What may still be computed.</summary>
    public FoldingWork FoldingWork { get; } = new(model);

    /// <summary>Which node keeps its weights in which format; null where nothing is quantised.</summary>
    public CompressionPlan? Plan { get; set; }

    /// <summary>The nodes of the plan whose weights are still to be quantised.</summary>
    public Dictionary<Node, PlannedNode> Formats { get; } = [];

    /// <summary>The ranges of the activations that are still to be quantised.</summary>
    public Dictionary<Value, ActivationRange> Ranges { get; } = [];

    /// <summary>What products whose bias is to be corrected take on average: a number for each element of their activations that a channel sums.</summary>
    public Dictionary<Node, double[]> ExpectedInputs { get; } = [];

    /// <summary>What the ranges come from; null where none were needed.</summary>
    public CalibrationSummary? Calibration { get; set; }

    /// <summary>What error feedback knows of the inputs of products whose weights are still to be quantised.</summary>
    public Dictionary<Node, FeedbackFactor> Factors { get; } = [];

    /// <summary>Where these wait for the weights to be written; whoever has the result closes it.</summary>
    public FactorFile? FactorFile { get; set; }

    /// <summary>What it comes from; null where none was needed.</summary>
    public ErrorFeedbackSummary? ErrorFeedback { get; set; }

    /// <summary>The nodes that are still to be given another precision.</summary>
    public HashSet<Node> Converted { get; } = [];

    /// <summary>The nodes that keep theirs, and why.</summary>
    public List<UnconvertedNode> Unconverted { get; } = [];

    /// <summary>Where rules nearly applied.</summary>
    public NearMisses NearMisses { get; private init; } = new(options.Explain);

    /// <summary>What passes may know of the model, or a copy of it, from here on, with other options. Facts are of the values of one graph.</summary>
    public PassContext For(CompilerOptions others, Model copy) => new(copy, others, runner, report, file, cancellationToken)
    {
        Progress = Progress,
        Facts = copy == model ? Facts : null,
        ShapesAreStale = copy != model || ShapesAreStale,
        OriginalOpset = OriginalOpset,
        DeclaredOutputs = DeclaredOutputs,
        NearMisses = NearMisses.Copy(),
    };

    /// <summary>Tells the user something.</summary>
    public void Report(DiagnosticDescriptor descriptor, string what, Node? node = null) => report(descriptor.Create(what, file, node?.Name));

    /// <summary>The exception that ends the compilation with this message.</summary>
    public CompilationException Fail(DiagnosticDescriptor descriptor, string what, Node? node = null) => new(descriptor.Create(what, file, node?.Name));
}
