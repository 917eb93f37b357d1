namespace OptimizeTasks.Runtime;

/// <summary>A class, a compiled model and this library do not belong together.</summary>
public sealed class ModelMismatchException : Exception
{
    /// <summary>An exception with this message.</summary>
    public ModelMismatchException(string message)
        : base(message)
    {
    }
}
