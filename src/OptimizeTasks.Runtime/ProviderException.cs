namespace OptimizeTasks.Runtime;

/// <summary>A provider cannot start, or does not run what it was required to run.</summary>
public sealed class ProviderException : Exception
{
    /// <summary>An exception about this provider.</summary>
    public ProviderException(string provider, string message, Exception? innerException = null)
        : base(message, innerException) => Provider = provider;

    /// <summary>The provider's name, for instance <c>Cuda</c>.</summary>
    public string Provider { get; }
}
