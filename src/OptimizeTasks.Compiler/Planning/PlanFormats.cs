using System.Collections.Immutable;
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

        WeightUse[] uses = [.. nodes.Select(WeightUse.Of).OfType<WeightUse>()];
        ImmutableArray<PlannedNode> planned = options.Plan is { } plan ? Given(uses, plan, context) : [.. uses.Select(use => Decide(use, options))];
        context.Plan = new CompressionPlan { Nodes = planned };
        int changes = 0;
        for (int i = 0; i < uses.Length; i++)
        {
            if (planned[i].Format == WeightFormat.Float)
                continue;
            context.Formats.Add(uses[i].Node, planned[i]);
            changes++;
        }

        if (changes == 0)
            context.Report(Diagnostics.NothingQuantized, "No node has weights that can be quantised");
        return changes;
    }

    private static PlannedNode Decide(WeightUse use, CompilerOptions options)
    {
        WeightFormat format = options.Quantization switch
        {
            QuantizationMode.Int4 => WeightFormat.Int4,
            QuantizationMode.Int8 => WeightFormat.Int8,
            // Tables are looked up, not multiplied.
            _ => use.Node.Is("Gather") ? WeightFormat.Int8 : WeightFormat.Dynamic,
        };
        string? why = options.RefuseExcluded(use.Node) ?? use.Refuse(format) ?? FormatSupport.Refuse(format, options);
        PlannedNode node = Describe(use) with { Format = why is null ? format : WeightFormat.Float, Why = why };
        if (node.Format is not (WeightFormat.Int4 or WeightFormat.Int8))
            return node;
        bool isTable = use.Node.Is("Gather");
        return node with
        {
            BlockSize = isTable ? WeightUse.LargestBlock(use.Tensor.Dimensions[1], UsualBlock) : UsualBlock,
            Symmetric = true,
            Clipping = options.Corrections.HasFlag(Corrections.Clipping) ? true : null,
            AccuracyLevel = isTable ? null : UsualAccuracyLevel,
        };
    }

    private static ImmutableArray<PlannedNode> Given(WeightUse[] uses, CompressionPlan plan, PassContext context)
    {
        var byName = new Dictionary<string, PlannedNode>(StringComparer.Ordinal);
        foreach (PlannedNode node in plan.Nodes)
        {
            if (!byName.TryAdd(node.Node, node))
                throw context.Fail(Diagnostics.InvalidPlan, $"The plan names the node '{node.Node}' twice");
        }

        var planned = ImmutableArray.CreateBuilder<PlannedNode>(uses.Length);
        foreach (WeightUse use in uses)
            planned.Add(byName.Remove(use.Node.PlanName(), out PlannedNode? node) ? Check(use, node, context) : Describe(use));
        return byName.Values.FirstOrDefault(node => node.Format != WeightFormat.Float) is { } unknown
            ? throw context.Fail(Diagnostics.InvalidPlan, $"The plan names '{unknown.Node}', and no node of this name has weights that can be quantised")
            : planned.MoveToImmutable();
    }

    private static PlannedNode Check(WeightUse use, PlannedNode node, PassContext context)
    {
        bool hasBlocks = node.Format is WeightFormat.Int4 or WeightFormat.Int8;
        string? wrong = use.Refuse(node.Format) ?? FormatSupport.Refuse(node.Format, context.Options);
        if (wrong is null && hasBlocks && node.BlockSize is not (null or 16 or 32 or 64 or 128))
            wrong = $"a block has 16, 32, 64 or 128 elements, not {node.BlockSize}";
        if (wrong is null && hasBlocks && use.Node.Is("Gather") && use.Tensor.Dimensions[1] % (node.BlockSize ?? UsualBlock) != 0)
            wrong = $"rows of {use.Tensor.Dimensions[1]} elements cannot be divided into blocks of {node.BlockSize ?? UsualBlock}";
        if (wrong is null && hasBlocks && node.AccuracyLevel is < 0 or > 4)
            wrong = $"the accuracy level goes from 0 to 4, and is {node.AccuracyLevel}";
        if (wrong is not null)
            throw context.Fail(Diagnostics.InvalidPlan, $"The plan asks for {node.Format}, but {wrong}", use.Node);
        PlannedNode described = Describe(use) with { Format = node.Format, Why = node.Why };
        return hasBlocks ? described with { BlockSize = node.BlockSize ?? UsualBlock, Symmetric = node.Symmetric ?? true, Clipping = node.Clipping, AccuracyLevel = node.AccuracyLevel } : described;
    }

    private static PlannedNode Describe(WeightUse use) =>
        new() { Node = use.Node.PlanName(), Operator = use.Node.OpType, Weights = use.Count, Format = WeightFormat.Float };
}
