using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// Moves a part of what makes activations hard to round into the weights behind them: channels of a normalisation are divided
/// by what the products' weights are multiplied with. How large that part is, α, is searched on samples for each normalisation.
/// </summary>
internal sealed class SmoothActivations : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        Candidate[] candidates = [.. Candidates(graph, context)];
        if (candidates.Length > 0)
        {
            CalibrationSource.Use(context, "peaks", (samples, probe) =>
                (ActivationCalibration.Observe([.. candidates.SelectMany(c => new[] { c.Extremes.Observer, c.Rows.Observer })], samples, probe, context), candidates.Length));
        }

        var chosen = new Dictionary<Node, double>();
        foreach (Candidate candidate in candidates.Where(c => c.Given is not null || c.Rows.Rows.Count > 0))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (Apply(candidate, context) is not { } alpha)
                continue;
            foreach (Node product in candidate.Products)
                chosen.Add(product, alpha);
        }

        Describe(chosen, context);
        return chosen.Count;
    }

    /// <summary>Normalisations before products whose activations have 8 bits.</summary>
    private static IEnumerable<Candidate> Candidates(Graph graph, PassContext context)
    {
        bool isSearched = context.Options.Corrections.HasFlag(Corrections.Smoothing);
        foreach (Node node in graph.Nodes)
        {
            if (NormalizedProducts.Of(node) is not { } found)
                continue;
            Node[] products = [.. found.Products.Where(product => context.Formats.GetValueOrDefault(product) is { Format: WeightFormat.Dynamic or WeightFormat.Static })];
            double? given = products.Select(product => context.Formats[product].Smoothing).FirstOrDefault(alpha => alpha is not null);
            if (products.Length > 0 && (isSearched || given is not null))
                yield return new Candidate(found, products, given);
        }
    }

    /// <returns>α; null where the activations are best as they are.</returns>
    private static double? Apply(Candidate candidate, PassContext context)
    {
        float[] activations = PeaksOf(candidate.Extremes.Least, candidate.Extremes.Greatest);
        if (activations.Length == 0)
            return null; // No sample has a number.
        if (!Array.TrueForAll(activations, float.IsFinite))
            throw context.Fail(Diagnostics.ActivationNotFinite, $"'{candidate.Found.Norm.Outputs[0]!.Name}' has infinities or NaN on samples", candidate.Found.Norm);
        float[] weights = NormalizedProducts.PeaksOf(candidate.Products);
        if (candidate.Given is { } given)
        {
            candidate.Found.Divide(Smoothing.Factors(activations, weights, given));
            return given;
        }

        // What is chosen follows from some rows, and is measured on others.
        float[] shown = PeaksOf(candidate.Rows.Least, candidate.Rows.Greatest);
        bool isSymmetric = FormatSupport.IsSymmetric(context.Options);
        ProductError[] errors = [.. candidate.Products.Select(product => new ProductError(product, context.Formats[product], isSymmetric, candidate.Rows))];
        double? best = null;
        double least = errors.Sum(error => error.Of([.. activations.Select(_ => 1.0)]));
        foreach (double alpha in Smoothing.Tried)
        {
            double sum = errors.Sum(error => error.Of(Smoothing.Factors(shown, weights, alpha)));
            if (sum < least)
                (best, least) = (alpha, sum);
        }

        if (best is { } found)
            candidate.Found.Divide(Smoothing.Factors(activations, weights, found));
        return best;
    }

    private static float[] PeaksOf(IReadOnlyList<float> least, IReadOnlyList<float> greatest) => [.. least.Zip(greatest, (low, high) => Math.Max(-low, high))];

    /// <summary>The plan says what was done.</summary>
    private static void Describe(Dictionary<Node, double> chosen, PassContext context)
    {
        if (context.Plan is not { } plan || (chosen.Count == 0 && plan.Nodes.All(node => node.Smoothing is null)))
            return;
        Dictionary<string, double> byName = chosen.GroupBy(c => c.Key.PlanName(), StringComparer.Ordinal).ToDictionary(c => c.Key, c => c.First().Value, StringComparer.Ordinal);
        context.Plan = plan with { Nodes = [.. plan.Nodes.Select(node => node with { Smoothing = byName.TryGetValue(node.Node, out double alpha) ? alpha : null })] };
    }

    private sealed record Candidate(NormalizedProducts Found, IReadOnlyList<Node> Products, double? Given)
    {
        public ChannelExtremes Extremes { get; } = new(Found.Norm.Outputs[0]!, 0);

        public HeldOutRows Rows { get; } = new(Found.Norm.Outputs[0]!);
    }
}
