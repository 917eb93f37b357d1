using System.Globalization;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Computes, once, what does not depend on the inputs of the model, by the <see cref="IModelRunner"/>: the constant parts of
/// a graph together, or several runs where they are large. Sizes are known beforehand. Only what others use is stored:
/// what it takes beyond the weights that go with it is bounded by <see cref="LargestGrowth"/>. Arithmetic on single numbers
/// comes first, and needs no engine.
/// </summary>
internal sealed class FoldConstants : Pass
{
    /// <summary>How many bytes one result may add to the model.</summary>
    private const long LargestGrowth = 4L << 20;

    /// <summary>The same where the result only repeats: as nodes it takes no room, and hardly time.</summary>
    private const long LargestRepetition = 1 << 10;

    /// <summary>Bytes that one run may read and produce.</summary>
    private const long LargestRun = 256L << 20;

    /// <summary>How many nodes a graph may have that the engine refuses. Each is looked for.</summary>
    private const int MostRefusals = 8;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context) => context.Runner is { } runner ? graph.AllGraphs().Sum(g => RunOn(g, runner, context)) : 0;

    private static int RunOn(Graph graph, IModelRunner runner, PassContext context)
    {
        int changes = FoldNumbers(graph), refusals = 0;
        while (ConstantPart.Find(graph, context.Unfoldable, LargestRun, context.FoldingWork.Left, Pays) is { } part)
        {
            try
            {
                Fold(part, Compute(part, runner, context));
                changes += part.Replaced.Count;
            }
            catch (ModelRunException e)
            {
                // A process that died or hung cost more than was counted.
                if (e.Fault is ModelRunFault.Crash or ModelRunFault.TimeLimit)
                    context.FoldingWork.End();
                Node? refused = e.Fault is ModelRunFault.Load or ModelRunFault.Run && refusals++ < MostRefusals ? FirstRefused(part, runner, context) : null;
                context.Unfoldable.UnionWith(refused is null ? part.Nodes : [refused]);
                string what = refused is null ? $"{part.Nodes.Count} constant nodes" : $"The constant node {refused.OpType}";
                context.Report(Diagnostics.FoldingSkipped, $"{what} could not be computed: {e.Message}", refused ?? part.Nodes[0]);
            }
        }

        return changes;
    }

    /// <summary>Computes with single numbers.</summary>
    private static int FoldNumbers(Graph graph)
    {
        int changes = 0;
        foreach (Node node in graph.Nodes)
        {
            if (NumberArithmetic.Compute(node) is not { } number)
                continue;
            Value output = node.Outputs[0]!;
            node.SetOutput(0, null);
            graph.SetInitializer(output, number);
            graph.Remove(node);
            changes++;
        }

        return changes;
    }

    /// <summary>Whether a result may be stored.</summary>
    private static bool Pays(Value result, long freedBytes, bool repeats)
    {
        long bytes = ConstantPart.Bytes(result) ?? long.MaxValue;
        return bytes <= freedBytes || bytes - freedBytes <= (repeats ? LargestRepetition : LargestGrowth);
    }

    private static IReadOnlyDictionary<string, Tensor> Compute(ConstantPart part, IModelRunner runner, PassContext context)
    {
        context.FoldingWork.Spend(part.Work);
        return runner.Run(Model(part, context.Model), new Dictionary<string, Tensor>(), new RunLimits(s_time, part.OutputBytes), context.CancellationToken);
    }

    /// <summary>The first node with which the engine refuses to run, found in a number of runs that grows with the logarithm of the nodes.</summary>
    private static Node? FirstRefused(ConstantPart part, IModelRunner runner, PassContext context)
    {
        int runs = 0, refused = part.Nodes.Count;
        while (refused - runs > 1)
        {
            int middle = runs + ((refused - runs) / 2);
            try
            {
                Compute(part.Take(middle), runner, context);
                runs = middle;
            }
            catch (ModelRunException e) when (e.Fault is ModelRunFault.Load or ModelRunFault.Run)
            {
                refused = middle;
            }
            catch (ModelRunException)
            {
                return null;
            }
        }

        return part.Nodes[refused - 1];
    }

    private static void Fold(ConstantPart part, IReadOnlyDictionary<string, Tensor> tensors)
    {
        for (int i = 0; i < part.Results.Count; i++)
        {
            Value result = part.Results[i];
            result.Producer!.SetOutput(result.OutputIndex, null);
            result.Graph.SetInitializer(result, tensors[NameOf(i)]);
        }

        foreach (Node node in part.Replaced.Reverse())
            node.Graph!.Remove(node);
    }

    private static string NameOf(int result) => string.Create(CultureInfo.InvariantCulture, $"result:{result}");

    private static Model Model(ConstantPart part, Model model)
    {
        var graph = new Graph("constants");
        var copy = new GraphCopy();
        foreach (Value input in part.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(v => v.Constant is not null).Distinct())
            copy.Bind(input, graph.AddInitializer(input.Name, input.Constant!));
        copy.CopyNodes(part.Nodes, graph, null);
        for (int i = 0; i < part.Results.Count; i++)
        {
            // The engine's names are its own: a value here may have taken one of an outer graph.
            Value output = copy.Map(part.Results[i])!;
            output.Name = NameOf(i);
            graph.AddOutput(output);
        }

        var result = new Model(graph) { IrVersion = model.IrVersion };
        result.Opsets[""] = model.Opset;
        return result;
    }
}
