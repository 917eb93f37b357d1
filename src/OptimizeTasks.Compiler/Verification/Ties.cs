using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// Judges outputs of operators that pick: ArgMax, ArgMin, TopK and NonMaxSuppression. Where two elements are equal, or
/// nearly, one may be picked as well as the other. What was picked from is fetched from the original.
/// </summary>
/// <param name="runner">Runs the original.</param>
/// <param name="model">The original.</param>
/// <param name="options">How models are loaded.</param>
/// <param name="time">What is left of the time.</param>
/// <param name="cancellationToken">Ends the run.</param>
internal sealed class Ties(IModelRunner runner, Model model, VerificationOptions options, VerificationTime time, CancellationToken cancellationToken)
{
    /// <summary>The comparison as it is, or one that agrees because every other pick is a tie.</summary>
    public OutputComparison Explain(OutputComparison comparison, ReferenceRun original, Tensor actual)
    {
        Tensor expected = original.Outputs[comparison.Output];
        if (expected.ElementType is not (ElementType.Int64 or ElementType.Int32) || actual.ElementType != expected.ElementType
            || !expected.Dimensions.SequenceEqual(actual.Dimensions)
            || Pick.Behind(model.Graph.FindOwn(comparison.Output)) is not { } pick)
            return comparison;
        if (pick.From.Constant is null && Fetch(pick.From, original) is { } from && pick.IsTie(from, Integers(expected), Integers(actual), comparison.Tolerance))
            return new OutputComparison(comparison.Output, 0, 0, comparison.Tolerance);
        return comparison with { Disagreement = $"{comparison.Disagreement} ({pick.Operator} picks other values, too)" };
    }

    /// <summary>A value inside the original, for the inputs of a run.</summary>
    private Tensor? Fetch(Value value, ReferenceRun original)
    {
        if (original.Inputs.TryGetValue(value.Name, out Tensor? tensor) || original.Outputs.TryGetValue(value.Name, out tensor))
            return tensor;
        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-probe-").FullName;
        Graph graph = model.Graph;
        graph.AddOutput(value);
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            ModelWriter.Write(model, path, cancellationToken: cancellationToken);
            SessionSettings settings = SessionSettings.Unoptimized with { CustomOpLibraries = options.CustomOpLibraries };
            using IModelSession session = runner.Load(path, settings, time.Limits, cancellationToken);
            return session.Run(original.Inputs, [value.Name], time.Limits, cancellationToken)[value.Name];
        }
        catch (ModelRunException e) when (e.Fault is ModelRunFault.Load or ModelRunFault.Run or ModelRunFault.ByteLimit or ModelRunFault.TimeLimit)
        {
            // A value whose type the runtime cannot tell, or too much of it: the disagreement stays.
            return null;
        }
        finally
        {
            graph.RemoveOutput(graph.Outputs.Count - 1);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long[] Integers(Tensor tensor) => tensor.ElementType == ElementType.Int64
        ? tensor.Read<long>().ToArray()
        : Array.ConvertAll(tensor.Read<int>().ToArray(), i => (long)i);
}
