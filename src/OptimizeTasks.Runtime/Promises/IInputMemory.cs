namespace OptimizeTasks.Runtime.Promises;

/// <summary>The inputs of one call, in the memory that the run reads.</summary>
internal unsafe interface IInputMemory
{
    /// <summary>The shape of an input; empty where it was left out.</summary>
    ReadOnlySpan<nint> Shape(int input);

    /// <summary>The elements of an input that was not left out.</summary>
    void* Data(int input);
}
