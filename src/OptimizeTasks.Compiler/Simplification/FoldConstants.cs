using System.Globalization;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Computes, once, what does not depend on the inputs of the model: all constant parts of a graph together, by the
/// <see cref="IModelRunner"/>. Sizes are known beforehand; a result may be larger than what it replaces only up to
/// <see cref="LargestGrowth"/>.
/// </summary>
internal sealed class FoldConstants : Pass
{
    /// <summary>How much larger than its inputs the result of a node may be, in bytes.</summary>
    private const long LargestGrowth = 4L << 20;

    /// <summary>The largest result of an operator that repeats little: as a node it takes no room in the model.</summary>
    private const long LargestRepetition = 64 << 10;

    /// <summary>Bytes that one run may produce.</summary>
    private const long LargestRun = 256L << 20;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => context.Runner is { } runner ? graph.AllGraphs().Sum(g => RunOn(g, runner, context)) : 0;

    private static int RunOn(Graph graph, IModelRunner runner, PassContext context)
    {
        var computed = new HashSet<Value>();
        var nodes = new List<Node>();
        long bytes = 0;
        foreach (Node node in graph.Nodes)
        {
            if (!CanFold(node, computed, context) || bytes + OutputBytes(node) > LargestRun)
                continue;
            bytes += OutputBytes(node)!.Value;
            nodes.Add(node);
            computed.UnionWith(node.Outputs.OfType<Value>());
        }

        HashSet<Node> folded = [.. nodes];
        Value[] results = [.. nodes.SelectMany(n => n.Outputs).OfType<Value>().Where(o => o.Uses.Any(u => !folded.Contains(u.Node)))];
        if (results.Length == 0)
            return 0;

        Model part = BuildPart(nodes, results, context.Model);
        IReadOnlyDictionary<string, Tensor> tensors;
        try
        {
            tensors = runner.Run(part, new Dictionary<string, Tensor>(), new RunLimits(s_time, bytes), context.CancellationToken);
        }
        catch (ModelRunException e)
        {
            context.Unfoldable.UnionWith(nodes);
            context.Report(Diagnostics.FoldingSkipped, $"{nodes.Count} constant nodes could not be computed: {e.Message}", nodes[0]);
            return 0;
        }

        for (int i = 0; i < results.Length; i++)
        {
            results[i].Producer!.SetOutput(results[i].OutputIndex, null);
            graph.SetInitializer(results[i], tensors[NameOf(i)]);
        }

        foreach (Node node in Enumerable.Reverse(nodes))
            graph.Remove(node);
        return nodes.Count;
    }

    private static bool CanFold(Node node, HashSet<Value> computed, PassContext context)
    {
        if (!node.IsDeterministic() || node.OpType is "DequantizeLinear" or "Constant" || node.Subgraphs.Any() || context.Unfoldable.Contains(node)
            || node.Outputs.Any(o => o is { IsOutput: true }) || OutputBytes(node) is not { } size)
            return false;

        long replaced = 0;
        foreach (Value input in node.Inputs.OfType<Value>())
        {
            if (input.Constant is null && !computed.Contains(input))
                return false;
            if (input.Uses.Count == 1 && !input.IsOutput)
                replaced += Bytes(input) ?? 0;
        }

        bool repeats = node.OpType is "ConstantOfShape" or "Expand" or "Tile" or "Range" or "EyeLike" or "OneHot";
        return size <= Math.Max(replaced, repeats ? LargestRepetition : LargestGrowth);
    }

    private static long? OutputBytes(Node node)
    {
        long sum = 0;
        foreach (Value output in node.Outputs.OfType<Value>())
        {
            if (Bytes(output) is not { } bytes)
                return null;
            sum += bytes;
        }

        return sum;
    }

    private static long? Bytes(Value value)
    {
        if (value.Constant is { } tensor)
            return tensor.ByteLength;
        if (value.ElementType is ElementType.Undefined or ElementType.String || value.Shape is not { } shape || !shape.TryGetSizes(out long[] sizes))
            return null;
        try
        {
            return value.ElementType.ByteLength(sizes.Aggregate(1L, (a, b) => checked(a * b)));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static string NameOf(int result) => string.Create(CultureInfo.InvariantCulture, $"result:{result}");

    private static Model BuildPart(List<Node> nodes, Value[] results, Model model)
    {
        var graph = new Graph("constants");
        var copy = new GraphCopy();
        foreach (Value input in nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is not null).Distinct())
            copy.Bind(input, graph.AddInitializer(input.Name, input.Constant!));
        copy.CopyNodes(nodes, graph, null);
        for (int i = 0; i < results.Length; i++)
        {
            // The engine's names are its own: a value here may have taken one of an outer graph.
            Value output = copy.Map(results[i])!;
            output.Name = NameOf(i);
            graph.AddOutput(output);
        }

        var part = new Model(graph) { IrVersion = model.IrVersion };
        part.Opsets[""] = model.Opset;
        return part;
    }
}
