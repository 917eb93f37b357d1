using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// How large inner values get: the model runs on drawn inputs, with the least and the greatest element of each value as
/// further outputs, so that no value is kept as a whole.
/// </summary>
internal sealed class ValueRanges
{
    /// <summary>Larger models are not run for this.</summary>
    private const long MostWeightBytes = 1_000_000_000;

    private readonly PassContext _context;
    private readonly Graph _graph;

    private ValueRanges(PassContext context)
    {
        _context = context;
        _graph = context.Model.Graph;
    }

    /// <summary>The greatest magnitude of each value; null where the model was not run, for the reason.</summary>
    public static (IReadOnlyDictionary<Value, double>? Magnitudes, string? Why) Of(IReadOnlyCollection<Value> values, PassContext context)
    {
        if (context.Runner is null)
            return (null, "there is nothing to run the model with");
        if (context.Model.Graph.Initializers.Sum(i => i.Initializer!.ByteLength) > MostWeightBytes)
            return (null, "the model is larger than 1 GB");
        return new ValueRanges(context).Measure(values, context.Runner);
    }

    private (IReadOnlyDictionary<Value, double>? Magnitudes, string? Why) Measure(IReadOnlyCollection<Value> values, IModelRunner runner)
    {
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-ranges-").FullName;
        int outputs = _graph.Outputs.Count;
        try
        {
            Dictionary<Value, string[]> probes = values.ToDictionary(v => v, v => new[] { Probe("ReduceMin", v), Probe("ReduceMax", v) });
            string path = Path.Combine(folder, "model.onnx");
            ModelWriter.Write(_context.Model, path, cancellationToken: _context.CancellationToken);
            var options = new VerificationOptions { FixedDimensions = _context.Options.FixedDimensions, Contracts = _context.Options.Contracts };
            var time = new VerificationTime(options.Limits);
            using IModelSession session = runner.Load(path, SessionSettings.Unoptimized, time.Limits, _context.CancellationToken);
            string[] names = [.. probes.Values.SelectMany(p => p)];
            var draws = new ReferenceRuns(session, InputRoles.Of(_graph, options.Contracts), names, options, time);
            IReadOnlyList<ReferenceRun> runs = draws.Run(_context.CancellationToken);
            return runs.Count == 0 ? (null, draws.LastRefusal ?? "it runs on no drawn inputs") : (probes.ToDictionary(p => p.Key, p => Magnitude(p.Value, runs)), null);
        }
        catch (Exception e) when (e is ModelRunException or NotSupportedException)
        {
            return (null, e.Message);
        }
        finally
        {
            while (_graph.Outputs.Count > outputs)
                RemoveProbe();
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Probe(string reduction, Value value)
    {
        Value probe = _graph.Apply(reduction, [value], $"{value.Name}_{reduction}", [new IntAttribute("keepdims", 0)]);
        probe.Type = new TensorType(value.ElementType, Shape.Scalar);
        _graph.AddOutput(probe);
        return probe.Name;
    }

    private void RemoveProbe()
    {
        Node node = _graph.Outputs[^1].Producer!;
        _graph.RemoveOutput(_graph.Outputs.Count - 1);
        _graph.Remove(node);
    }

    /// <summary>Infinities are the model's own.</summary>
    private static double Magnitude(string[] probes, IReadOnlyList<ReferenceRun> runs) =>
        runs.SelectMany(run => probes.Select(name => (double)Math.Abs(run.Outputs[name].Read<float>()[0]))).Where(double.IsFinite).DefaultIfEmpty().Max();
}
