using System.Buffers;
using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Finds out from samples how the inputs of products come together whose weights are rounded with error feedback. As many
/// products are looked at in one go as memory holds for; what is known of them then waits in a file for the weights to be written.
/// </summary>
internal sealed class PrepareErrorFeedback : Pass
{
    /// <summary>Memory in bytes for the moments of all products that are looked at in one go, unless those of one take more.</summary>
    private const long UsualBudget = 512L << 20;

    /// <summary>Memory in bytes for the moments of all products that are looked at in one go, unless those of one take more.</summary>
    public long Budget { get; init; } = UsualBudget;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        FeedbackProducts[][] parts = [.. Portions.Of(FeedbackProducts.Of(graph, context.Formats), products => SecondMoments.BytesOf(products.Size), Budget)];
        if (parts.Length == 0)
            return 0;
        (ISampleSource samples, IModelRunner runner) = CalibrationSource.Of(context);
        var probe = new ValueProbe(context, runner) { IsOrdered = true };
        FactorFile file = context.FactorFile = new FactorFile();
        var moments = new Dictionary<FeedbackProducts, SecondMoments>();
        ILookup<Value, FeedbackProducts>[] products = [.. parts.Select(part => part.SelectMany(p => p.Activations.Select(value => (value, p))).ToLookup(pair => pair.value, pair => pair.p))];
        int current = 0;
        int count = probe.Run([.. products.Select(part => part.Select(values => values.Key).ToArray())], samples, Add, Finish);
        if (count == 0)
            throw context.Fail(Diagnostics.CalibrationFailed, $"{samples.Description} has no sample");
        context.ErrorFeedback = new ErrorFeedbackSummary(samples.Description, count, samples.IsSynthetic, context.Factors.Count, parts.Length, probe.Runs, file.Length);
        if (samples.IsSynthetic && context.Calibration is null)
            context.Report(Diagnostics.SyntheticCalibration, $"Error feedback comes from {samples.Description}, since nobody gave real ones");
        return context.Factors.Count;

        void Add(Value value, Tensor activations)
        {
            foreach (FeedbackProducts some in products[current][value])
            {
                if (activations.Rank == 0 || activations.Dimensions[^1] != some.Size)
                    throw context.Fail(Diagnostics.CalibrationFailed, $"'{value.Name}' is {activations} in {samples.Description}, and {some.Size} inputs are multiplied", some.Nodes[0]);
                if (!moments.TryGetValue(some, out SecondMoments? sums))
                    moments.Add(some, sums = new SecondMoments(some.Size));
                AddTo(sums, activations);
            }
        }

        void Finish(int part)
        {
            foreach ((FeedbackProducts some, SecondMoments sums) in moments)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                FeedbackFactor factor = FeedbackFactor.TryCreate(sums.Finish(), file)
                    ?? throw context.Fail(Diagnostics.ActivationNotFinite, $"'{some.Activations[0].Name}' has infinities, NaN, or numbers too large to be squared on samples of {samples.Description}", some.Nodes[0]);
                foreach (Node node in some.Nodes)
                    context.Factors.Add(node, factor);
            }

            moments.Clear();
            current = part + 1;
            // By itself the collector lets several parts' worth of large arrays gather, since each of them lived for long.
            GC.Collect();
        }
    }

    private static void AddTo(SecondMoments moments, Tensor activations)
    {
        if (activations.ElementType == ElementType.Float)
        {
            moments.Add(activations.Read<float>());
            return;
        }

        ReadOnlySpan<ushort> narrow = MemoryMarshal.Cast<byte, ushort>(activations.Data.ReadAll().Span);
        float[] wide = ArrayPool<float>.Shared.Rent(narrow.Length);
        FloatConversion.Widen(activations.ElementType, narrow, wide.AsSpan(0, narrow.Length));
        moments.Add(wide.AsSpan(0, narrow.Length));
        ArrayPool<float>.Shared.Return(wide);
    }
}
