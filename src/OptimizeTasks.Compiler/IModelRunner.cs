using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Runs models during a build. The compiler runs nothing itself: whoever calls it provides the engine, and with it the
/// isolation from a model that crashes or hangs. Members may be called from several threads; calls are then queued.
/// </summary>
public interface IModelRunner
{
    /// <summary>
    /// Runs a model once. Made for constant folding: one thread and no graph optimisations, so that the result is the same
    /// on every run.
    /// </summary>
    /// <param name="model">The model. It need not be on disk.</param>
    /// <param name="inputs">A tensor for every input without initializer, by name; possibly none.</param>
    /// <param name="limits">What loading and running may take together.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ModelRunException">The engine refused the model, failed, died, or exceeded a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> inputs, RunLimits limits, CancellationToken cancellationToken);

    /// <summary>Loads a model file to run it several times. One session at a time keeps memory low.</summary>
    /// <param name="path">The ONNX file; its external data stand beside it.</param>
    /// <param name="settings">How it is loaded.</param>
    /// <param name="limits">What loading may take; <see cref="RunLimits.OutputBytes"/> does not matter here.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <exception cref="ModelRunException">The engine refused the model, died, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    IModelSession Load(string path, SessionSettings settings, RunLimits limits, CancellationToken cancellationToken);
}
