using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Searches a plan on this machine, or explains what one costs, in a folder that is gone afterwards.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="model">The model.</param>
/// <param name="path">Its file.</param>
/// <param name="folder">The folder for the models that are tried.</param>
/// <param name="runner">Runs models.</param>
/// <param name="progress">Receives what is being done.</param>
/// <param name="cancellationToken">Ends the search.</param>
internal sealed class PlanSearchRun(
    CompilerOptions options, Model model, string path, string folder, IModelRunner runner, IProgress<CompilationProgress> progress, CancellationToken cancellationToken)
{
    /// <summary>Every fifth is held out.</summary>
    private const int DrawnSamples = 40;

    private ISampleSource? _samples;

    /// <summary>What models are judged on: drawn where nobody gave any.</summary>
    public ISampleSource Samples => _samples ??= options.Samples ?? SyntheticSamples.Of(model, options, runner, DrawnSamples, cancellationToken: cancellationToken);

    /// <summary>The plan of <see cref="QuantizationMode.Auto"/>.</summary>
    /// <exception cref="CompilationException">The model cannot be compiled, or does not run on the samples.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public PlanSearchResult Find()
    {
        // Other providers' devices are not here.
        IModelTimer? timer = options.Providers is ["Cpu"] ? new ModelMeter(WorkerCommand.Self("worker")) : null;
        return Run(samples => new PlanSearch(options, runner, timer, progress).Run(path, samples, folder, cancellationToken));
    }

    /// <summary>Why a plan costs more than was allowed.</summary>
    /// <exception cref="CompilationException">The model does not run on the samples.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public BudgetReport Explain(CompressionPlan plan) =>
        Run(samples => new PlanSearch(options, runner, timer: null, progress).Explain(path, plan, samples, folder, cancellationToken));

    private T Run<T>(Func<ISampleSource, T> search)
        where T : class
    {
        ISampleSource samples = Samples;
        Writing.Guarded(folder, () => Directory.CreateDirectory(folder));
        try
        {
            T? result = null;
            Writing.Guarded(folder, () => result = search(samples));
            return result!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
