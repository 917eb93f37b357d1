namespace OptimizeTasks.Manifest;

/// <summary>A manifest cannot be used: it is damaged, or newer than this library.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>An exception with this message.</summary>
    public ManifestException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
