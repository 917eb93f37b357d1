using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// Writes every operator in one version of ONNX's own operator set, so that everything behind knows one version of each.
/// All or nothing: where one node cannot be converted, the model keeps its operator set.
/// </summary>
internal sealed class ConvertOpset : Pass
{
    /// <summary>The operator set that every pass knows: the newest whose every operator ONNX Runtime 1.29 runs on the CPU. In 25 it lacks Swish.</summary>
    public const int Canonical = 24;

    /// <summary>The oldest operator set that ONNX Runtime promises to run.</summary>
    private const int Oldest = 7;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        Model model = context.Model;
        long opset = model.Opset;
        Node? standard = graph.AllNodes().FirstOrDefault(n => n.Domain.Length == 0);
        if (standard is not null && opset < Oldest)
            throw context.Fail(Diagnostics.UnsupportedOpset, $"The model is written in ONNX operator set {opset}", standard);
        if (standard is null || opset == Canonical)
            return 0;
        if (model.Functions.Count > 0)
        {
            context.Report(Diagnostics.OpsetKept, $"The function '{model.Functions[0].Name}' could not be inlined into operator set {opset}");
            return 0;
        }

        if (graph.AllNodes().FirstOrDefault(n => n.Domain.Length == 0 && !CanConvert(n, opset)) is { } stuck)
        {
            context.Report(Diagnostics.OpsetKept, $"{stuck.OpType} of operator set {opset} has no known spelling in operator set {Canonical}", stuck);
            return 0;
        }

        int changes = 1;
        // The nodes of a graph inside before the node around them, which may put copies in their place.
        foreach (Node node in graph.AllNodes().Where(n => n.Domain.Length == 0).Reverse().ToArray())
            changes += Convert(node, opset);
        NodeNames.MakeUnique(graph);
        model.Opsets[""] = Canonical;
        model.IrVersion = opset > Canonical ? IrVersions.Of(Canonical) : Math.Max(model.IrVersion, IrVersions.Of(Canonical));
        return changes;
    }

    private static bool CanConvert(Node node, long opset)
    {
        if (opset > OperatorVersions.Newest || OperatorVersions.In(node.OpType, opset) == 0)
            return false;
        if (opset > Canonical)
            return OperatorVersions.Between(node.OpType, Canonical, opset).All(v => OperatorVersions.In(node.OpType, v - 1) != 0 && !OpsetFeatures.Uses(node, v, opset));

        // A conversion that changes the operator leads to conversions that apply to everything it makes.
        return OperatorVersions.Between(node.OpType, opset, Canonical).All(v => OpsetConversions.Find(node.OpType, v)?.Applies?.Invoke(node) ?? true);
    }

    private static int Convert(Node node, long opset)
    {
        int changes = 0;
        for (long version = opset; NextVersion(node, version) is { } next; version = next)
        {
            if (OpsetConversions.Find(node.OpType, next)?.Convert is not { } convert)
                continue;
            convert(node);
            changes++;
        }

        return changes;
    }

    private static int? NextVersion(Node node, long version) =>
        OperatorVersions.Between(node.OpType, version, Canonical).Select(v => (int?)v).FirstOrDefault();
}
