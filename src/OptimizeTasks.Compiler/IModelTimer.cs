using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>Times models on this machine. Like <see cref="IModelRunner"/>, whoever calls the compiler provides it.</summary>
public interface IModelTimer
{
    /// <summary>The least time of several runs of a model that is the only one alive, in milliseconds.</summary>
    /// <param name="path">The ONNX file; its external data stand beside it.</param>
    /// <param name="settings">How it is loaded.</param>
    /// <param name="inputs">A tensor for every input without initializer, by name.</param>
    /// <param name="outputs">The names of the outputs; they must be tensors.</param>
    /// <param name="runs">The number of runs that are timed.</param>
    /// <param name="limit">What loading and running may take together.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <exception cref="ModelRunException">The engine refused the model or the inputs, died, or took too long.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    double Time(
        string path, SessionSettings settings, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> outputs, int runs, TimeSpan limit, CancellationToken cancellationToken);
}
