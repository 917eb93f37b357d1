using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>A run on a thread of the pool that a cancellation token ends.</summary>
internal static class CancellableRun
{
    public static Task<OutputValues> Start(InputValues inputs, CancellationToken cancellationToken) => Task.Run(() => Run(inputs, cancellationToken), cancellationToken);

    private static OutputValues Run(InputValues inputs, CancellationToken cancellationToken)
    {
        using var options = new RunOptions();
        using CancellationTokenRegistration registration = cancellationToken.Register(() => options.Terminate = true);
        try
        {
            return inputs.Run(options.DangerousGetHandle());
        }
        catch (InferenceException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }
}
