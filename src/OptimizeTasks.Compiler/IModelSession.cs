using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>A loaded model.</summary>
public interface IModelSession : IDisposable
{
    /// <summary>Runs the model.</summary>
    /// <param name="inputs">A tensor for every input without initializer, by name.</param>
    /// <param name="outputs">The names of the outputs to return; they must be tensors.</param>
    /// <param name="limits">What the run may take.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ModelRunException">
    /// The run failed, or exceeded a limit. After <see cref="ModelRunFault.Crash"/>, and after a time limit or cancellation
    /// that only the end of the engine could enforce, the session is lost and says so in every later call.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, RunLimits limits, CancellationToken cancellationToken);
}
