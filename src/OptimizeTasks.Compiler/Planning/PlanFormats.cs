using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Decides which node keeps its weights in which format; writes no weights.</summary>
internal sealed class PlanFormats : Pass
{
    /// <summary>Small enough for 4 bits to be accurate; larger blocks save next to nothing.</summary>
    private const int UsualBlock = 32;

    /// <summary>Products of 8 bits: on processors with instructions for them, the fastest by far.</summary>
    private const int UsualAccuracyLevel = 4;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        CompilerOptions options = context.Options;
        if (options.Quantization == QuantizationMode.None && options.Plan is null)
            return 0;
        Node[] nodes = [.. graph.AllNodes()];
        if (nodes.FirstOrDefault(QuantizedOperators.Includes) is { } quantized)
        {
            context.Report(Diagnostics.AlreadyQuantized, $"The model is quantised already: it has {quantized.OpType}", quantized);
            return 0;
        }

        (Node Node, PlannedNode Planned)[] planned = options switch
        {
            { Plan: { } plan } => [.. Given(nodes, plan, context)],
            { Quantization: QuantizationMode.Static } => [.. Static(graph, options)],
            _ => [.. nodes.Select(WeightUse.Of).OfType<WeightUse>().Select(use => (use.Node, Decide(use, options)))],
        };
        // Names are unique in a graph, not among those of subgraphs: nodes of one name have one format.
        context.Plan = new CompressionPlan { Nodes = [.. planned.Select(p => p.Planned).DistinctBy(node => node.Node)] };
        foreach ((Node node, PlannedNode decided) in planned.Where(p => p.Planned.Format != WeightFormat.Float))
            context.Formats.Add(node, decided);
        if (context.Formats.Count == 0)
            context.Report(Diagnostics.NothingQuantized, planned.Select(p => p.Planned.Why).FirstOrDefault(why => why is not null) is { } why ? $"No node can be quantised: {why}" : "No node has weights that can be quantised");
        return context.Formats.Count;
    }

    /// <summary>Nodes with weights, and of the others those that are quantised too.</summary>
    private static IEnumerable<(Node Node, PlannedNode Planned)> Static(Graph graph, CompilerOptions options)
    {
        string? refusal = FormatSupport.Refuse(WeightFormat.Static, options);
        Dictionary<Node, string?> region = StaticRegion.Decide(graph, node => options.RefuseExcluded(node) ?? refusal).ToDictionary(n => n.Node, n => n.Why);
        foreach (Node node in graph.AllNodes())
        {
            bool isCandidate = region.TryGetValue(node, out string? why);
            WeightUse? use = WeightUse.Of(node);
            if (isCandidate && why is null)
                yield return (node, Describe(node, use) with { Format = WeightFormat.Static });
            else if (use is not null || (isCandidate && StaticOperators.RoleOf(node) == StaticRole.Multiplies))
                yield return (node, Describe(node, use) with { Why = why ?? use!.Refuse(WeightFormat.Static) });
        }
    }

    private static PlannedNode Decide(WeightUse use, CompilerOptions options)
    {
        QuantizationMode mode = use.Node.Is("Gather") ? options.Tables ?? options.Quantization : options.Quantization;
        if (mode == QuantizationMode.None)
            return Describe(use.Node, use) with { Why = "tables are those of the variant for all other calls" };
        WeightFormat format = mode switch
        {
            QuantizationMode.Int4 => WeightFormat.Int4,
            QuantizationMode.Int8 => WeightFormat.Int8,
            // Tables are looked up, not multiplied.
            _ => use.Node.Is("Gather") ? WeightFormat.Int8 : WeightFormat.Dynamic,
        };
        string? why = options.RefuseExcluded(use.Node) ?? use.Refuse(format) ?? FormatSupport.Refuse(format, options);
        PlannedNode node = Describe(use.Node, use) with { Format = why is null ? format : WeightFormat.Float, Why = why };
        if (node.Format is not (WeightFormat.Int4 or WeightFormat.Int8))
            return node;
        bool isTable = use.Node.Is("Gather");
        return node with
        {
            BlockSize = isTable ? WeightUse.LargestBlock(use.Tensor.Dimensions[1], UsualBlock) : UsualBlock,
            Symmetric = true,
            Clipping = options.Corrections.HasFlag(Corrections.Clipping) ? true : null,
            ErrorFeedback = options.Corrections.HasFlag(Corrections.ErrorFeedback) && FeedbackProducts.Refuse(use) is null ? true : null,
            AccuracyLevel = isTable ? null : UsualAccuracyLevel,
        };
    }

    private static IEnumerable<(Node Node, PlannedNode Planned)> Given(Node[] nodes, CompressionPlan plan, PassContext context)
    {
        var byName = new Dictionary<string, PlannedNode>(StringComparer.Ordinal);
        foreach (PlannedNode node in plan.Nodes)
        {
            if (!byName.TryAdd(node.Node, node))
                throw context.Fail(Diagnostics.InvalidPlan, $"The plan names the node '{node.Node}' twice");
        }

        var planned = new List<(Node Node, PlannedNode Planned)>();
        var quantized = new HashSet<Node>();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in nodes)
        {
            WeightUse? use = WeightUse.Of(node);
            if (use is null && StaticOperators.RoleOf(node) == StaticRole.None)
                continue;
            if (byName.TryGetValue(node.PlanName(), out PlannedNode? given))
            {
                found.Add(given.Node);
                planned.Add((node, given.Format == WeightFormat.Static ? CheckStatic(node, use, given, quantized, context) : Check(node, use, given, context)));
            }
            else if (use is not null)
            {
                planned.Add((node, Describe(node, use)));
            }
        }

        return byName.Values.FirstOrDefault(node => node.Format != WeightFormat.Float && !found.Contains(node.Node)) is { } unknown
            ? throw context.Fail(Diagnostics.InvalidPlan, $"The plan names '{unknown.Node}', and no node of this name has weights that can be quantised")
            : planned;
    }

    private static PlannedNode CheckStatic(Node node, WeightUse? use, PlannedNode given, HashSet<Node> quantized, PassContext context)
    {
        string? wrong = StaticOperators.RoleOf(node) == StaticRole.None
            ? $"{node.OpType} has no kernel for it"
            : StaticOperators.Refuse(node) ?? FormatSupport.Refuse(given.Format, context.Options) ?? RefuseSmoothing(given);
        if (wrong is not null)
            throw context.Fail(Diagnostics.InvalidPlan, $"The plan asks for {given.Format}, but {wrong}", node);
        // Who leaves a Conv in floating point means what limits its result too.
        if (StaticOperators.RoleOf(node) == StaticRole.Saturates && !quantized.Contains(node.Inputs[0]!.Producer!))
            return Describe(node, use) with { Why = $"{node.OpType} is quantised with the node before it only" };
        quantized.Add(node);
        bool? perChannel = StaticOperators.RoleOf(node) == StaticRole.Multiplies && given.PerChannel == false ? false : null;
        return Describe(node, use) with { Format = given.Format, PerChannel = perChannel, Smoothing = given.Smoothing, Why = given.Why };
    }

    private static PlannedNode Check(Node graphNode, WeightUse? use, PlannedNode node, PassContext context)
    {
        if (use is null)
        {
            return node.Format == WeightFormat.Float
                ? Describe(graphNode, use) with { Why = node.Why }
                : throw context.Fail(Diagnostics.InvalidPlan, $"The plan asks for {node.Format}, but {graphNode.OpType} has no kernel for it", graphNode);
        }

        bool hasBlocks = node.Format is WeightFormat.Int4 or WeightFormat.Int8;
        string? wrong = use.Refuse(node.Format) ?? FormatSupport.Refuse(node.Format, context.Options);
        if (wrong is null && hasBlocks && node.BlockSize is not (null or 16 or 32 or 64 or 128))
            wrong = $"a block has 16, 32, 64 or 128 elements, not {node.BlockSize}";
        if (wrong is null && hasBlocks && use.Node.Is("Gather") && use.Tensor.Dimensions[1] % (node.BlockSize ?? UsualBlock) != 0)
            wrong = $"rows of {use.Tensor.Dimensions[1]} elements cannot be divided into blocks of {node.BlockSize ?? UsualBlock}";
        wrong ??= RefuseSmoothing(node);
        if (wrong is null && hasBlocks && node.AccuracyLevel is < 0 or > 4)
            wrong = $"the accuracy level goes from 0 to 4, and is {node.AccuracyLevel}";
        if (wrong is not null)
            throw context.Fail(Diagnostics.InvalidPlan, $"The plan asks for {node.Format}, but {wrong}", use.Node);
        if (hasBlocks && node.ErrorFeedback == true && FeedbackProducts.Refuse(use) is { } why)
            throw context.Fail(Diagnostics.InvalidPlan, $"The plan asks for error feedback, but {why}", use.Node);
        PlannedNode described = Describe(use.Node, use) with { Format = node.Format, Smoothing = node.Format == WeightFormat.Dynamic ? node.Smoothing : null, Why = node.Why };
        return hasBlocks ? described with { BlockSize = node.BlockSize ?? UsualBlock, Symmetric = node.Symmetric ?? true, Clipping = node.Clipping, ErrorFeedback = node.ErrorFeedback, AccuracyLevel = node.AccuracyLevel } : described;
    }

    private static string? RefuseSmoothing(PlannedNode node) => node.Smoothing is null or (>= 0 and <= 1) ? null : FormattableString.Invariant($"smoothing goes from 0 to 1, and is {node.Smoothing}");

    private static PlannedNode Describe(Node node, WeightUse? use) =>
        new() { Node = node.PlanName(), Operator = node.OpType, Weights = use?.Count ?? (node.Is("Conv") ? node.Inputs[1]?.Constant?.ElementCount : null), Format = WeightFormat.Float };
}
