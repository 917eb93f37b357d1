namespace OptimizeTasks.Runtime.Calling;

/// <summary>
/// Buffers between calls. One that has the call's shapes already is preferred; any other is reshaped, so that the memory is
/// bounded by the concurrent callers and not by the number of shapes.
/// </summary>
internal sealed class BufferPool : IDisposable
{
    private readonly ModelRunner _runner;
    private readonly CallBuffers?[] _free = new CallBuffers?[Math.Max(16, 2 * Environment.ProcessorCount)];

    public BufferPool(ModelRunner runner) => _runner = runner;

    /// <summary>How many buffers wait for a caller.</summary>
    public int Count => _free.Count(buffers => buffers is not null);

    /// <summary>Buffers of these shapes, the caller's alone until they are returned.</summary>
    public CallBuffers Rent(ReadOnlySpan<nint> shapes)
    {
        ObjectDisposedException.ThrowIf(_runner.IsDisposed, _runner.Contract.ClassName);
        CallBuffers buffers = Take(shapes) ?? new CallBuffers(_runner);
        try
        {
            buffers.Reshape(shapes);
            return buffers;
        }
        catch
        {
            Return(buffers);
            throw;
        }
    }

    public void Return(CallBuffers buffers)
    {
        if (!_runner.IsDisposed)
        {
            for (int i = 0; i < _free.Length; i++)
            {
                if (_free[i] is null && Interlocked.CompareExchange(ref _free[i], buffers, null) is null)
                    return;
            }
        }

        buffers.Dispose();
    }

    public void Dispose()
    {
        for (int i = 0; i < _free.Length; i++)
            Interlocked.Exchange(ref _free[i], null)?.Dispose();
    }

    private CallBuffers? Take(ReadOnlySpan<nint> shapes)
    {
        // Another caller may take and reshape what is looked at here: taking it decides, and Reshape looks again.
        for (int i = 0; i < _free.Length; i++)
        {
            CallBuffers? buffers = Volatile.Read(ref _free[i]);
            if (buffers is not null && buffers.HasShapes(shapes) && Interlocked.CompareExchange(ref _free[i], null, buffers) == buffers)
                return buffers;
        }

        for (int i = 0; i < _free.Length; i++)
        {
            if (_free[i] is not null && Interlocked.Exchange(ref _free[i], null) is { } buffers)
                return buffers;
        }

        return null;
    }
}
