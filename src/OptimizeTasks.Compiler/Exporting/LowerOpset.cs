using OptimizeTasks.Compiler.Importing;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// Declares the lowest operator set in which every operator that is used means the same. Where that is higher than the
/// original's, or than what the user allows, nodes take the spelling of earlier versions if that helps.
/// </summary>
internal sealed class LowerOpset : Pass
{
    /// <summary>The oldest operator set that ONNX Runtime promises to run.</summary>
    private const int Oldest = 7;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        Model model = context.Model;
        long opset = model.Opset;
        int? cap = context.Options.Opset;

        // A model that could not be converted has something that the tables do not know.
        bool isKnown = opset == ConvertOpset.Canonical && context.Options.Optimization > OptimizationLevel.None;
        if (opset == 0 || model.Functions.Count > 0 || (!isKnown && !(cap < opset)))
            return 0;

        Node[] nodes = [.. graph.AllNodes().Where(n => n.Domain.Length == 0)];
        (long lowest, _) = Lowest(nodes, context, reverting: false);
        long wanted = Math.Min(cap ?? long.MaxValue, context.OriginalOpset);
        if (lowest > wanted)
        {
            (long reverted, Node? highest) = Lowest(nodes, context, reverting: true);
            if (reverted > cap)
                throw context.Fail(Diagnostics.OpsetImpossible, $"{highest!.OpType} needs operator set {reverted}, and Opset is {cap}", highest);
            lowest = Math.Max(reverted, wanted);
        }

        if (lowest >= opset)
            return 0;
        int changes = 1;
        foreach (Node node in nodes)
            changes += Revert(node, opset, lowest);
        model.Opsets[""] = lowest;
        model.IrVersion = IrVersions.Of(lowest);
        return changes;
    }

    /// <summary>The lowest operator set for all nodes, and a node that needs it.</summary>
    private static (long Opset, Node? Node) Lowest(Node[] nodes, PassContext context, bool reverting)
    {
        long lowest = Oldest;
        Node? highest = null;
        foreach (Node node in nodes)
        {
            long version = LowestVersion(node, context, reverting);
            if (version <= lowest)
                continue;
            lowest = version;
            highest = node;
        }

        return (lowest, highest);
    }

    private static long LowestVersion(Node node, PassContext context, bool reverting)
    {
        long opset = context.Model.Opset;
        if (OperatorVersions.In(node.OpType, opset) == 0)
            return opset;
        foreach (int version in OperatorVersions.Between(node.OpType, 0, opset).Reverse())
        {
            if (version <= Oldest || !(MeansTheSameBefore(node, version, context.OriginalOpset) || (reverting && OpsetReversions.Applies(node, version))))
                return version;
        }

        return Oldest;
    }

    private static int Revert(Node node, long from, long to)
    {
        int changes = 0;
        foreach (int version in OperatorVersions.Between(node.OpType, to, from).Reverse())
        {
            if (IsUnchangedIn(node, version) || !OpsetReversions.Applies(node, version))
                continue;
            OpsetReversions.Revert(node, version);
            changes++;
        }

        return changes;
    }

    /// <summary>Whether the version of the operator before <paramref name="version"/> would read the node in the same way.</summary>
    private static bool MeansTheSameBefore(Node node, int version, long original) =>
        OperatorVersions.In(node.OpType, version - 1) != 0 && IsUnchangedIn(node, version) && !OpsetFeatures.Uses(node, version, original);

    /// <summary>Whether a step between versions leaves the node as it is: what it would change is not there.</summary>
    private static bool IsUnchangedIn(Node node, int version)
    {
        OpsetConversion? conversion = OpsetConversions.Find(node.OpType, version);
        if (conversion is null || (conversion.Convert is null && (conversion.Applies?.Invoke(node) ?? true)))
            return true;
        return (node.OpType, version) switch
        {
            ("BatchNormalization", 9) => true,
            ("Dropout", 10) => node.Outputs.Skip(1).All(o => o is null or { IsUnused: true }),
            ("Dropout", 12) => node.Inputs.Count == 1,
            ("Softmax" or "LogSoftmax" or "Hardmax", 13) => IsLastAxis(node),
            ("Squeeze" or "ReduceSum" or "Split", 13) => node.Input(1) is null && node.Attribute("noop_with_empty_axes") is null,
            ("Split", 18) => node.Attribute("num_outputs") is null,
            (_, 18) when node.OpType.StartsWith("Reduce", StringComparison.Ordinal) => node.Input(1) is null && node.Attribute("noop_with_empty_axes") is null,
            _ => false,
        };
    }

    /// <summary>Before 13, all axes from the given one on were one.</summary>
    private static bool IsLastAxis(Node node) => node.Attribute("axis") is IntAttribute axis
        && (axis.Value == -1 || (node.Input(0)?.Shape is { } shape && axis.Value == shape.Rank - 1));
}
