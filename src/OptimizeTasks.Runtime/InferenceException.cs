namespace OptimizeTasks.Runtime;

/// <summary>ONNX Runtime could not run the model.</summary>
public sealed class InferenceException : Exception
{
    /// <summary>An exception with ONNX Runtime's message.</summary>
    public InferenceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
