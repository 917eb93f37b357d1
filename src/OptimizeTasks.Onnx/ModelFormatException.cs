namespace OptimizeTasks.Onnx;

/// <summary>A file is no ONNX model, or a damaged or hostile one. The message says what is wrong with it.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>An exception of this kind without a message of its own.</summary>
    public ModelFormatException()
    {
    }

    /// <summary>An exception about an invalid graph.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>An exception about an invalid graph, and its cause.</summary>
    public ModelFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception of this kind of fault.</summary>
    public ModelFormatException(ModelFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public ModelFault Fault { get; }
}
