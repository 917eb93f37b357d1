using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// The least and greatest numbers of activations, which the model itself reduces: nothing but them leaves a run, and one run
/// is enough for all activations of a sample. While it exists, the graph has nodes for that.
/// </summary>
internal sealed class ReducedEnds : IDisposable
{
    private readonly Graph _graph;
    private readonly Dictionary<Value, ActivationStatistics> _receivers = [];
    private readonly HashSet<Value> _sums = [];

    /// <param name="statistics">Receives the ends of every activation that is no input; inputs are at hand anyway.</param>
    /// <param name="graph">The graph that they are values of.</param>
    public ReducedEnds(IReadOnlyDictionary<Value, ActivationStatistics> statistics, Graph graph)
    {
        _graph = graph;
        foreach ((Value value, ActivationStatistics receiver) in statistics)
        {
            if (value.IsInput)
            {
                _receivers.Add(value, receiver);
                continue;
            }

            _receivers.Add(Reduce("ReduceMin", value), receiver);
            _receivers.Add(Reduce("ReduceMax", value), receiver);
            _sums.Add(Reduce("ReduceSum", value));
        }
    }

    /// <summary>Runs the model on every sample.</summary>
    /// <returns>The number of samples; null where a number may not be finite, or where nothing can be reduced, so that the activations themselves have to be looked at.</returns>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    public int? TryRun(ISampleSource samples, ValueProbe probe)
    {
        bool isDoubtful = false;
        try
        {
            int count = probe.Run([.. _receivers.Keys, .. _sums], samples, (value, tensor) =>
            {
                if (tensor.ElementType != ElementType.Float || !TryAdd(value, tensor))
                    Volatile.Write(ref isDoubtful, true);
            });
            return isDoubtful ? null : count;
        }
        catch (CompilationException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (Value value in _receivers.Keys.Concat(_sums).Where(value => !value.IsInput))
            _graph.Remove(value.Producer!);
    }

    /// <summary>Whether minima and maxima keep NaN depends on the processor; a sum does.</summary>
    private bool TryAdd(Value value, Tensor tensor)
    {
        if (_sums.Contains(value))
            return float.IsFinite(tensor.Read<float>()[0]);
        ActivationStatistics receiver = _receivers[value];
        lock (receiver)
            return receiver.TryAdd(tensor.Read<float>());
    }

    private Value Reduce(string opType, Value value)
    {
        Value reduced = _graph.Apply(opType, [value], $"{value.Name}_{opType}", [new IntAttribute("keepdims", 0)]);
        reduced.Type = new TensorType(ElementType.Float, Shape.Scalar);
        return reduced;
    }
}
