namespace OptimizeTasks.Compiler;

/// <summary>A model did not run. The message is the engine's.</summary>
public sealed class ModelRunException : Exception
{
    /// <summary>An exception of this kind without a message of its own.</summary>
    public ModelRunException()
    {
    }

    /// <summary>An exception with a message.</summary>
    public ModelRunException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    public ModelRunException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception with a fault, a message and its cause.</summary>
    public ModelRunException(ModelRunFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What went wrong.</summary>
    public ModelRunFault Fault { get; } = ModelRunFault.Run;

    /// <summary>The error that ends a compilation because a model of the user's does not run.</summary>
    /// <param name="path">What diagnostics call the model.</param>
    public CompilationException ToCompilationException(string path) =>
        new((Fault == ModelRunFault.Load ? Diagnostics.ModelDoesNotLoad : Diagnostics.RunnerFailed).Create(Message, path), this);
}
