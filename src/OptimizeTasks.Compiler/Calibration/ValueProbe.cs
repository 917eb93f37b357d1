using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Calibration;

/// <summary>
/// Runs the model as it is now over samples and hands inner values to whoever looks at them. Values are never collected: a
/// run fetches as many as fit into the budget, and where more are wanted, the sample is run again.
/// </summary>
/// <param name="context">The model, and what ends the work.</param>
/// <param name="runner">Runs the model.</param>
internal sealed class ValueProbe(PassContext context, IModelRunner runner)
{
    /// <summary>Bytes of values that one run gives at once, unless a single value has more.</summary>
    private const long UsualBudget = 64 << 20;

    private readonly Graph _graph = context.Model.Graph;

    /// <summary>Bytes of values that one run gives at once, unless a single value has more.</summary>
    public long Budget { get; init; } = UsualBudget;

    /// <summary>How often the model was run.</summary>
    public int Runs { get; private set; }

    /// <summary>Whether values are given in their order, one after the other; if not, those of one run beside one another.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Runs the model on every sample.</summary>
    /// <param name="values">The values of the main graph that are wanted: no constants.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="consume">Receives every value of every sample.</param>
    /// <returns>The number of samples.</returns>
    /// <exception cref="CompilationException">The model does not run (<see cref="Diagnostics.CalibrationFailed"/>), or a sample cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    public int Run(IReadOnlyCollection<Value> values, ISampleSource samples, Action<Value, Tensor> consume) => Run([values], samples, consume, _ => { });

    /// <summary>Runs the model on every sample for some values, then again for others: who looks at them has memory for so many only.</summary>
    /// <param name="parts">The values of the main graph that are wanted, no constants.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="consume">Receives every value of every sample.</param>
    /// <param name="finish">Called behind the last sample of each part, with its number.</param>
    /// <returns>The number of samples.</returns>
    /// <exception cref="CompilationException">The model does not run (<see cref="Diagnostics.CalibrationFailed"/>), or a sample cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The compilation was cancelled.</exception>
    public int Run(IReadOnlyList<IReadOnlyCollection<Value>> parts, ISampleSource samples, Action<Value, Tensor> consume, Action<int> finish)
    {
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-calibration-").FullName;
        int count = 0;
        try
        {
            using IModelSession session = Load(Path.Combine(folder, "model.onnx"), [.. parts.SelectMany(p => p).Where(v => v is { IsInput: false, IsOutput: false }).Distinct()]);
            for (int part = 0; part < parts.Count; part++)
            {
                count = 0;
                string of = parts.Count > 1 ? $", part {part + 1} of {parts.Count}" : "";
                foreach (Sample sample in samples.Read(context.CancellationToken))
                {
                    count++;
                    context.Progress?.Report(new CompilationProgress($"Calibrating: sample {count}{of}", CompilationProgress.Calibrating));
                    Run(session, parts[part], sample, input => sample.Inputs.GetValueOrDefault(input.Name) ?? input.Initializer ?? throw Fail($"Sample {count} of {samples.Description} has no '{input.Name}'"), consume);
                }

                finish(part);
            }
        }
        catch (ModelRunException e)
        {
            throw Fail(count == 0 ? $"The model does not load with its inner values as outputs: {e.Message}" : $"The model does not run on sample {count} of {samples.Description}: {e.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return count;
    }

    private void Run(IModelSession session, IReadOnlyCollection<Value> values, Sample sample, Func<Value, Tensor> given, Action<Value, Tensor> consume)
    {
        foreach (Value input in values.Where(v => v.IsInput))
            consume(input, given(input));
        foreach (Value[] group in Groups([.. values.Where(v => !v.IsInput)], sample))
            Run(session, group, sample, consume);
    }

    private void Run(IModelSession session, Value[] group, Sample sample, Action<Value, Tensor> consume)
    {
        Runs++;
        IReadOnlyDictionary<string, Tensor> outputs = session.Run(sample.Inputs, [.. group.Select(v => v.Name)], RunLimits.Default, context.CancellationToken);
        // The first value that fails is the same in every run.
        var failures = new CompilationException?[group.Length];
        Parallel.For(0, group.Length, new ParallelOptions { MaxDegreeOfParallelism = IsOrdered ? 1 : -1 }, i =>
        {
            try
            {
                consume(group[i], outputs[group[i].Name]);
            }
            catch (CompilationException e)
            {
                failures[i] = e;
            }
        });
        if (Array.Find(failures, failure => failure is not null) is { } first)
            throw first;
    }

    /// <summary>Loads the model with further outputs, without optimisations, which depend on the processor.</summary>
    private IModelSession Load(string path, Value[] inner)
    {
        int outputs = _graph.Outputs.Count;
        try
        {
            foreach (Value value in inner)
                _graph.AddOutput(value);
            ModelWriter.Write(context.Model, path, new WriteOptions { ExternalData = true }, context.CancellationToken);
        }
        finally
        {
            while (_graph.Outputs.Count > outputs)
                _graph.RemoveOutput(_graph.Outputs.Count - 1);
        }

        return runner.Load(path, SessionSettings.Unoptimized with { Threads = 0 }, RunLimits.Default, context.CancellationToken);
    }

    /// <summary>The values in groups that fit into the budget at the sizes of the sample; one of unknown size is alone.</summary>
    private IEnumerable<Value[]> Groups(IReadOnlyList<Value> values, Sample sample)
    {
        Dictionary<string, long> sizes = Sizes(sample);
        return Portions.Of(values, value => Bytes(value, sizes) ?? Budget, Budget);
    }

    private Dictionary<string, long> Sizes(Sample sample)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (Value input in _graph.Inputs.Where(i => i.Shape is not null && sample.Inputs.ContainsKey(i.Name)))
        {
            Tensor tensor = sample.Inputs[input.Name];
            for (int i = 0; i < Math.Min(tensor.Rank, input.Shape!.Rank); i++)
            {
                if (input.Shape[i].Symbol is { } symbol)
                    sizes.TryAdd(symbol, tensor.Dimensions[i]);
            }
        }

        return sizes;
    }

    private static long? Bytes(Value value, Dictionary<string, long> sizes)
    {
        if (value.Shape is not { } shape)
            return null;
        double bytes = value.ElementType.BitWidth() / 8.0;
        foreach (Dimension dimension in shape)
        {
            if (dimension.Evaluate(name => sizes.TryGetValue(name, out long size) ? size : null) is not { } known)
                return null;
            bytes *= known;
        }

        return (long)Math.Min(bytes, long.MaxValue / 4);
    }

    private CompilationException Fail(string what) => context.Fail(Diagnostics.CalibrationFailed, what);
}
