using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Searching;

/// <summary>One search: first every format for the whole model, then every layer in every format, then mixes of them.</summary>
/// <param name="models">Compiles candidates.</param>
/// <param name="meter">Runs and times them.</param>
/// <param name="runs">The samples.</param>
/// <param name="metric">In what whole models are measured. Layers are judged by the relative L2 error, whose squares add up.</param>
/// <param name="budget">The greatest loss that is allowed.</param>
/// <param name="report">Receives what is being done, and how far it is.</param>
internal sealed class FormatSearch(CandidateModels models, CandidateMeter meter, SampleRuns runs, Metric metric, double budget, Action<string, double> report)
{
    /// <summary>A gain of less is not told from noise.</summary>
    private const double LeastGain = 0.02;

    /// <summary>How often a mix that is beyond the budget is made more exact.</summary>
    private const int MostCorrections = 6;

    /// <summary>How often the best candidates are timed in turn before one is chosen.</summary>
    private const int FinalRounds = 3;

    /// <summary>What is written to judge layers one by one: those of large models are judged several at a time.</summary>
    private const long MostBytesWritten = 16L << 30;

    /// <summary>Layers that are judged to explain an error: the largest ones, so that it takes seconds.</summary>
    private const int MostExplained = 24;

    /// <summary>Layers that an explanation names.</summary>
    private const int MostNamed = 3;

    private const int FewestLayersJudged = 8;
    private const int MostLayersJudged = 256;

    private static readonly ImmutableArray<QuantizationMode> s_modes = [QuantizationMode.Dynamic, QuantizationMode.Static, QuantizationMode.Int8, QuantizationMode.Int4];

    private readonly Dictionary<QuantizationMode, Candidate> _modes = [];
    private readonly List<Candidate> _mixes = [];
    private readonly List<LayerSensitivity> _sensitivities = [];
    private readonly Dictionary<string, Candidate> _tried = new(StringComparer.Ordinal);
    private ImmutableArray<SearchLayer> _layers = [];
    private Candidate? _float;

    /// <summary>Every candidate.</summary>
    public IEnumerable<Candidate> Candidates => [Float, .. _modes.Values, .. _mixes];

    /// <summary>What was found out of layers.</summary>
    public IReadOnlyList<LayerSensitivity> Sensitivities => _sensitivities;

    private Candidate Float => _float ??= Measure("Float", models.MakeFloat("float"));

    /// <summary>Searches.</summary>
    /// <returns>The fastest candidate within the budget.</returns>
    public Candidate Run()
    {
        report("compiling single formats", 0);
        _ = Float;
        Modes();
        _layers = SearchLayer.Of(Quantizable(), (int)Math.Clamp(MostBytesWritten / Math.Max(1, Float.Model.Bytes), FewestLayersJudged, MostLayersJudged));
        JudgeLayers();
        IEnumerable<QuantizationMode> beyond = _modes.Where(mode => mode.Value.Error > budget && mode.Value.Cost < Float.Cost).Select(mode => mode.Key);
        foreach (Assignment start in beyond.Select(mode => Assignment.Of(_layers, mode)).Prepend(Assignment.Fastest(_layers)))
            Mix(start);
        return Choose();
    }

    /// <summary>The model in every single format that quantises something.</summary>
    public IEnumerable<Candidate> Modes()
    {
        foreach (QuantizationMode mode in s_modes.Except(_modes.Keys))
        {
            // Two modes are one where there are only tables.
            if (models.TryMake(mode, mode.ToString()) is not { Plan: { Quantizes: true } plan } model || _tried.ContainsKey(Identity(plan)))
                continue;
            _modes.Add(mode, Measure(mode.ToString(), model));
            _tried.Add(Identity(plan), _modes[mode]);
        }

        return _modes.Values;
    }

    /// <summary>The layers of a plan that cost most, each quantised alone.</summary>
    public IEnumerable<LayerSensitivity> Worst(CompressionPlan plan) => plan.Nodes
        .Where(node => node.Format != WeightFormat.Float)
        .OrderByDescending(node => node.Weights)
        .Take(MostExplained)
        .Select(node => new LayerSensitivity([node.Node], node.Format, ErrorOf([node]), null, 0))
        .OrderByDescending(layer => layer.Error)
        .Take(MostNamed);

    /// <summary>The nodes that some mode quantises, in the order of the graph: the plan with most nodes lists those of the others too.</summary>
    private PlannedNode[] Quantizable()
    {
        HashSet<string> names = [.. _modes.Values.SelectMany(mode => mode.Quantized).Select(node => node.Node)];
        return [.. (_modes.Values.MaxBy(mode => mode.Plan.Nodes.Length)?.Plan.Nodes ?? []).Where(node => names.Contains(node.Node))];
    }

    private Candidate Measure(string name, CandidateModel model) => new(name, model, meter.Error(metric, model, runs.HeldOut), meter.Time(model));

    private void JudgeLayers()
    {
        foreach ((QuantizationMode mode, Candidate whole) in _modes)
        {
            Dictionary<string, PlannedNode> formats = whole.Quantized.ToDictionary(node => node.Node, StringComparer.Ordinal);
            foreach (IGrouping<string, SearchLayer> kind in _layers.Where(layer => formats.ContainsKey(layer.Nodes[0])).GroupBy(layer => layer.Kind))
            {
                NodeCost cost = CostOf(kind, formats);
                // A format in which the kind alone is slower can still be part of a model that is faster.
                if (cost.Cost >= 0 && whole.Cost >= Float.Cost)
                    continue;
                foreach (SearchLayer layer in kind)
                    Judge(layer, mode, cost, formats);
            }
        }
    }

    private void Judge(SearchLayer layer, QuantizationMode mode, NodeCost cost, Dictionary<string, PlannedNode> formats)
    {
        report($"judging {layer.Nodes[0]} in {mode}", 0.2 + (0.6 * _sensitivities.Count / (_layers.Length * _modes.Count)));
        double error = ErrorOf(layer.Nodes.Where(formats.ContainsKey).Select(node => formats[node]));
        int count = layer.Nodes.Length;
        layer.Choices.Add(new SearchChoice(mode, cost.Cost * count, error * error));
        _sensitivities.Add(new LayerSensitivity(layer.Nodes, formats[layer.Nodes[0]].Format, error, -cost.Milliseconds * count, (long)(cost.SavedBytes * count)));
    }

    private double ErrorOf(IEnumerable<PlannedNode> nodes) => models.TryMake(PlanOf(nodes), "layer") is { } model ? meter.Error(Metric.RelativeL2, model, runs.Judging) : double.PositiveInfinity;

    /// <summary>What a node of a kind costs more in a format than as it is: a share of what all of them do together.</summary>
    private NodeCost CostOf(IEnumerable<SearchLayer> kind, Dictionary<string, PlannedNode> formats)
    {
        string[] nodes = [.. kind.SelectMany(layer => layer.Nodes)];
        if (models.TryMake(PlanOf(nodes.Where(formats.ContainsKey).Select(node => formats[node])), "kind") is not { } model)
            return new NodeCost(Float.Milliseconds is null ? null : double.PositiveInfinity, double.NegativeInfinity);
        double savedBytes = (double)(Float.Model.Bytes - model.Bytes) / nodes.Length;
        double? milliseconds = (meter.Time(model) - Float.Milliseconds) / nodes.Length;
        return new NodeCost(milliseconds, savedBytes);
    }

    /// <summary>Makes a mix more exact until the real model holds the budget.</summary>
    private void Mix(Assignment start)
    {
        // What an error of layers means in another metric shows only when the model runs.
        double bound = metric == Metric.RelativeL2 ? budget : double.PositiveInfinity;
        for (int i = 0; i < MostCorrections; i++)
        {
            Assignment mix = start.Within(bound);
            CompressionPlan plan = PlanOf(mix);
            if (!plan.Quantizes)
                return;
            report("compiling a mix", 0.8 + (0.03 * i));
            double error = Try(plan)?.Error ?? double.PositiveInfinity;
            if (error <= budget)
                return;
            // Layers that cannot have their format at all are left first.
            bound = double.IsFinite(mix.PredictedError) ? Math.Min(bound, mix.PredictedError) * Math.Clamp(budget / error, 0.1, 0.8) : double.MaxValue;
        }
    }

    /// <summary>The candidate of a plan; null where it cannot be compiled.</summary>
    private Candidate? Try(CompressionPlan plan)
    {
        if (_tried.TryGetValue(Identity(plan), out Candidate? known))
            return known;
        string name = $"Mixed {_mixes.Count + 1}";
        if (models.TryMake(plan, name) is not { } model)
            return null;
        Candidate candidate = Measure(name, model);
        _mixes.Add(candidate);
        _tried.Add(Identity(plan), candidate);
        return candidate;
    }

    /// <summary>The fastest of those that hold, timed once more in turn; floating point unless another is faster beyond noise.</summary>
    private Candidate Choose()
    {
        Candidate[] best = [Float, .. Candidates.Skip(1).Where(candidate => candidate.Error <= budget && candidate.Cost < Float.Cost).OrderBy(candidate => candidate.Cost).Take(2)];
        report("timing the best", 0.95);
        for (int round = 0; round < FinalRounds && best.Length > 1 && Float.Milliseconds is not null; round++)
            best = [.. best.Select(candidate => candidate with { Milliseconds = Math.Min(meter.Time(candidate.Model)!.Value, candidate.Cost) })];
        foreach (Candidate candidate in best)
            Replace(candidate);
        Candidate fastest = best.MinBy(candidate => candidate.Cost)!;
        return fastest.Cost < Float.Cost * (1 - LeastGain) ? fastest : Float;
    }

    private void Replace(Candidate measured)
    {
        if (measured.Name == Float.Name)
            _float = measured;
        else if (_mixes.FindIndex(mix => mix.Name == measured.Name) is >= 0 and int index)
            _mixes[index] = measured;
        else
            _modes[Enum.Parse<QuantizationMode>(measured.Name)] = measured;
    }

    /// <summary>What two plans have in common that quantise alike.</summary>
    private static string Identity(CompressionPlan plan) =>
        string.Join('\n', plan.Nodes.Where(node => node.Format != WeightFormat.Float).Select(node => $"{node.Node} {node.Format}").Order(StringComparer.Ordinal));

    private CompressionPlan PlanOf(Assignment assignment) => PlanOf(assignment.Choices
        .Where(layer => layer.Value.Mode != QuantizationMode.None)
        .SelectMany(layer => _modes[layer.Value.Mode].Quantized.Where(node => layer.Key.Nodes.Contains(node.Node))));

    private static CompressionPlan PlanOf(IEnumerable<PlannedNode> nodes) => new() { Nodes = [.. nodes] };

    /// <summary>What one node takes more in a format than as it is.</summary>
    private readonly record struct NodeCost(double? Milliseconds, double SavedBytes)
    {
        /// <summary>What is to be small.</summary>
        public double Cost => Milliseconds ?? -SavedBytes;
    }
}
