using System.Collections.Immutable;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>A compiled model in memory, and how it came about.</summary>
public sealed record CompilationResult : IDisposable
{
    /// <summary>The compiled model. Its weights may still be references into the files of the original.</summary>
    public required Model Model { get; init; }

    /// <summary>The file that was compiled, or null.</summary>
    public string? File { get; init; }

    /// <summary>Nodes of the original by operator, those of subgraphs included.</summary>
    public required ImmutableSortedDictionary<string, int> OperatorsBefore { get; init; }

    /// <summary>Nodes of the result by operator, those of subgraphs included.</summary>
    public required ImmutableSortedDictionary<string, int> OperatorsAfter { get; init; }

    /// <summary>Every run of a pass, in order.</summary>
    public required ImmutableArray<PassRun> Passes { get; init; }

    /// <summary>How the model is to be written: with its weights in a file of their own from 16 MiB on, unless the options say otherwise.</summary>
    public WriteOptions WriteOptions { get; init; } = new();

    /// <summary>How the model is to be written where others are that share weights with it (<see cref="ModelSetWriter"/>): with its weights in a file of their own from 1 MiB on.</summary>
    public WriteOptions SharedWriteOptions { get; init; } = new();

    /// <summary>How much ONNX Runtime is to optimise the model when it is loaded, by a rule on its graph.</summary>
    public LoadOptimization LoadOptimization { get; init; } = LoadOptimization.All;

    /// <summary>For every rule that could not be applied somewhere the place where it came furthest, by the rule's name.</summary>
    public ImmutableSortedDictionary<string, NearMiss> NearMisses { get; init; } = ImmutableSortedDictionary<string, NearMiss>.Empty;

    /// <summary>Which node keeps its weights in which format; null where nothing was to be quantised.</summary>
    public CompressionPlan? Plan { get; init; }

    /// <summary>What the ranges of quantised activations come from; null where no format needed them.</summary>
    public CalibrationSummary? Calibration { get; init; }

    /// <summary>What error feedback comes from; null where no weights were rounded with it.</summary>
    public ErrorFeedbackSummary? ErrorFeedback { get; init; }

    /// <summary>The nodes that compute in the type that they have in the model, though another precision was asked for.</summary>
    public ImmutableArray<UnconvertedNode> Unconverted { get; init; } = [];

    /// <summary>The greatest relative L2 error that verification accepts.</summary>
    public required double Tolerance { get; init; }

    /// <summary>What the rule did that <see cref="CompilerOptions.Explain"/> names; null where it names none.</summary>
    public RuleExplanation? Explanation { get; init; }

    /// <summary>What the weights of <see cref="Model"/> are computed with when they are written; null where that is nothing.</summary>
    internal FactorFile? FactorFile { get; init; }

    /// <summary>The number of nodes of the original.</summary>
    public int NodesBefore => OperatorsBefore.Values.Sum();

    /// <summary>The number of nodes of the result.</summary>
    public int NodesAfter => OperatorsAfter.Values.Sum();

    /// <summary>The runs that changed something, in order: the candidates when a result is wrong.</summary>
    public IEnumerable<PassRun> Changes => Passes.Where(p => p.Changes > 0);

    /// <summary>What is told of a model that was written: the same without its graph.</summary>
    public CompilationResult WithoutModel() => this with { Model = new Model(new Graph()), FactorFile = null };

    /// <summary>Closes the files of the original, and what was needed to write the weights.</summary>
    public void Dispose()
    {
        Model.Dispose();
        FactorFile?.Dispose();
    }
}
