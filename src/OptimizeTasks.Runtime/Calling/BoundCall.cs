using System.Numerics.Tensors;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>One call into tensors of the caller: copy in, run, copy out. Disposing gives the buffers back.</summary>
public readonly unsafe ref struct BoundCall
{
    private readonly ModelRunner _runner;
    private readonly CallBuffers _buffers;

    internal BoundCall(ModelRunner runner, scoped ReadOnlySpan<nint> shapes)
    {
        _runner = runner;
        _buffers = runner.Buffers.Rent(shapes);
    }

    /// <summary>Copies an input in; one that was left out is passed over.</summary>
    public void CopyIn<T>(int input, in ReadOnlyTensorSpan<T> tensor)
        where T : unmanaged
    {
        void* data = _buffers.Input(input, out nuint bytes);
        if (data is not null && tensor.Rank != 0)
            TensorCopy.ToMemory(tensor, data, bytes);
    }

    /// <summary>Sets a scalar input; one that was left out is passed over.</summary>
    public void Set<T>(int input, T? value)
        where T : unmanaged
    {
        if (value is { } given)
            *(T*)_buffers.Input(input, out _) = given;
    }

    /// <summary>Runs the model.</summary>
    public void Run() => _buffers.Run(null);

    /// <summary>Runs the model on a state, which takes the next one.</summary>
    public void Run(ModelState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _buffers.Run(state);
    }

    /// <summary>Copies an output out.</summary>
    public void CopyOut<T>(int output, in TensorSpan<T> destination)
        where T : unmanaged => TensorCopy.FromMemory(_buffers.Output(output, out nuint bytes), bytes, destination);

    /// <summary>A scalar output.</summary>
    public T Get<T>(int output)
        where T : unmanaged => *(T*)_buffers.Output(output, out _);

    /// <summary>Gives the buffers back.</summary>
    public void Dispose() => _runner.Buffers.Return(_buffers);
}
