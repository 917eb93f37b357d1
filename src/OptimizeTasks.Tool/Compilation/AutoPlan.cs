using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Finds the plan of <see cref="QuantizationMode.Auto"/> on this machine.</summary>
internal static class AutoPlan
{
    /// <summary>Every fifth is held out.</summary>
    private const int DrawnSamples = 40;

    /// <summary>The options with the plan that was found in the place of the mode.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file.</param>
    /// <param name="folder">A folder for the models that are tried; it is gone afterwards.</param>
    /// <param name="runner">Runs models.</param>
    /// <param name="progress">Receives what is being done.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="CompilationException">The model cannot be compiled, or does not run on the samples.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static PlanSearchResult Find(
        CompilerOptions options, Model model, string path, string folder, IModelRunner runner, IProgress<CompilationProgress> progress, CancellationToken cancellationToken)
    {
        ISampleSource samples = options.Samples ?? SyntheticSamples.Of(model, options, runner, DrawnSamples, cancellationToken: cancellationToken);
        // Other providers' devices are not here.
        IModelTimer? timer = options.Providers is ["Cpu"] ? new ModelMeter(WorkerCommand.Self("worker")) : null;
        Writing.Guarded(folder, () => Directory.CreateDirectory(folder));
        try
        {
            PlanSearchResult? result = null;
            Writing.Guarded(folder, () => result = new PlanSearch(options, runner, timer, progress).Run(path, samples, folder, cancellationToken));
            return result!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
