using System.Globalization;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>Decides which nodes compute in the precision that was asked for; converts nothing.</summary>
internal sealed class PlanPrecision : Pass
{
    /// <summary>A quarter of what half precision has: other inputs may lead to larger values than those that were drawn.</summary>
    private const double SafeMagnitude = 16384;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (PrecisionChange.Of(context.Options) is not { } change)
            return 0;
        if (PrecisionLimits.IsSlow(context.Options))
            context.Report(Diagnostics.SlowPrecision, "Providers is Cpu, where ONNX Runtime has few kernels for half precision and converts around the others");
        var refusals = new Dictionary<Node, string>();
        RefuseByOperator(graph, change, refusals, context.Options);
        if (change.Narrows)
        {
            RefuseByDigits(graph, change, refusals);
            RefuseByConstants(graph, change, refusals, context);
        }

        HashSet<Node> converted = Follow(graph, change, refusals);
        if (change.To == ElementType.Float16 && converted.Count > 0)
        {
            RefuseByRange(converted, change, refusals, context);
            converted = Follow(graph, change, refusals);
        }

        context.Converted.UnionWith(converted);
        context.Unconverted.AddRange(refusals.Where(r => !converted.Contains(r.Key)).Select(r => new UnconvertedNode(r.Key.PlanName(), r.Key.OpType, r.Value)));
        if (converted.Count == 0)
            context.Report(Diagnostics.NothingConverted, $"No node can compute in {context.Options.Precision}");
        return converted.Count;
    }

    private static void RefuseByOperator(Graph graph, PrecisionChange change, Dictionary<Node, string> refusals, CompilerOptions options)
    {
        foreach (Node node in graph.Nodes.Where(n => Values(n).Any(change.IsSource)))
        {
            if (options.RefuseExcluded(node) is { } excluded)
                refusals[node] = excluded;
            else if (node.Subgraphs.Any())
                refusals[node] = "graphs inside nodes are not converted";
            else if (PrecisionOperators.RoleOf(node, change) == PrecisionRole.Stays && !node.TakesAnyType())
                refusals[node] = $"{node.OpType} has no kernel for {change.To}, or needs the digits";
            else if (change.Narrows && Values(node).Any(v => v.ElementType.IsFloatingPoint() && !change.IsSource(v)))
                refusals[node] = "it has other floating-point types as well";
            else if (node.Outputs.Any(o => o is { ElementType: ElementType.Undefined }) || (node.OpType.EndsWith("Normalization", StringComparison.Ordinal) && node.Outputs.Count > 1))
                refusals[node] = "the type of an output is not known";
        }
    }

    /// <summary>What leads to angles, comparisons and positions without a product of matrices between; the angles' own product too.</summary>
    private static void RefuseByDigits(Graph graph, PrecisionChange change, Dictionary<Node, string> refusals)
    {
        var exact = new Dictionary<Node, Node>();
        foreach (Node node in graph.Nodes.Reverse())
        {
            Node? reason = node.NeedsDigits() ? node : exact.GetValueOrDefault(node);
            if (reason is null)
                continue;
            foreach (Node producer in node.Inputs.Where(change.IsSource).Select(i => i!.Producer).OfType<Node>().Where(p => !p.TakesAnyType()))
            {
                bool isAngle = reason.OpType is "Sin" or "Cos" && producer.Is("MatMul");
                if (!isAngle && PrecisionOperators.RoleOf(producer, change) == PrecisionRole.Leads)
                    continue;
                if (!isAngle)
                    exact.TryAdd(producer, reason);
                refusals.TryAdd(producer, $"{reason.OpType} '{reason.PlanName()}' needs the digits");
            }
        }
    }

    private static void RefuseByConstants(Graph graph, PrecisionChange change, Dictionary<Node, string> refusals, PassContext context)
    {
        var losses = new Dictionary<Value, RoundingLoss>();
        foreach (Node node in graph.Nodes.Where(n => !refusals.ContainsKey(n) && PrecisionOperators.RoleOf(n, change) != PrecisionRole.Stays))
        {
            foreach (Value constant in node.Inputs.Where(i => change.IsSource(i) && i!.Constant is not null).OfType<Value>())
            {
                if (!losses.TryGetValue(constant, out RoundingLoss? loss))
                    losses.Add(constant, loss = RoundingLoss.Of(constant.Constant!, change, context.CancellationToken));
                if (loss.Refuse(node, constant, change) is { } why)
                    refusals.TryAdd(node, why);
            }
        }
    }

    private static void RefuseByRange(HashSet<Node> converted, PrecisionChange change, Dictionary<Node, string> refusals, PassContext context)
    {
        var masks = new Masks(context.Model.Graph);
        HashSet<Value> inner = [.. converted.SelectMany(Values).Where(v => change.IsSource(v) && v.Producer is not null && !masks.Includes(v))];
        (IReadOnlyDictionary<Value, double>? magnitudes, string? why) = ValueRanges.Of(inner, context);
        if (magnitudes is null)
        {
            context.Report(Diagnostics.RangesUnchecked, $"Whether values exceed half precision was checked for weights alone: {why}");
            return;
        }

        foreach (Node node in converted)
        {
            if (Values(node).FirstOrDefault(v => magnitudes.GetValueOrDefault(v) > SafeMagnitude) is { } large)
                refusals.TryAdd(node, string.Create(CultureInfo.InvariantCulture, $"'{large.Name}' reaches {magnitudes[large]:g3} on drawn inputs"));
        }
    }

    /// <summary>Those that lead, and those that are given what is converted.</summary>
    private static HashSet<Node> Follow(Graph graph, PrecisionChange change, Dictionary<Node, string> refusals)
    {
        var converted = new HashSet<Node>();
        foreach (Node node in graph.Nodes.Where(n => !refusals.ContainsKey(n) && Values(n).Any(change.IsSource)))
        {
            PrecisionRole role = PrecisionOperators.RoleOf(node, change);
            if (role == PrecisionRole.Leads || (role == PrecisionRole.Follows && (node.Inputs.Any(i => IsConverted(i, converted)) || IsTable(node))))
                converted.Add(node);
        }

        return converted;
    }

    private static bool IsConverted(Value? value, HashSet<Node> converted) => value?.Producer is { } producer && converted.Contains(producer);

    /// <summary>A look-up of rows in weights.</summary>
    private static bool IsTable(Node node) => node.Is("Gather") && node.Inputs[0]!.Constant is { Rank: > 1 };

    private static IEnumerable<Value> Values(Node node) => node.Inputs.Concat(node.Outputs).OfType<Value>();
}
