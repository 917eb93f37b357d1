namespace OptimizeTasks.Compiler.Searching;

/// <summary>A whole model that was compiled, run and timed.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Model">The compiled model.</param>
/// <param name="Error">Its error on the samples that were held out.</param>
/// <param name="Milliseconds">The least time of a run; null where nothing can be timed.</param>
internal sealed record Candidate(string Name, CandidateModel Model, double Error, double? Milliseconds)
{
    /// <summary>What is to be small: milliseconds, or bytes where nothing can be timed.</summary>
    public double Cost => Milliseconds ?? Model.Bytes;

    /// <summary>What was quantised.</summary>
    public CompressionPlan Plan => Model.Plan ?? new CompressionPlan { Nodes = [] };

    /// <summary>The nodes whose weights are quantised.</summary>
    public IEnumerable<PlannedNode> Quantized => Plan.Nodes.Where(node => node.Format != WeightFormat.Float);

    /// <summary>What the user sees of it.</summary>
    public PlanCandidate Describe(double budget) => new(Name, Error, Milliseconds, Model.Bytes, Quantized.Count(), Error <= budget);
}
