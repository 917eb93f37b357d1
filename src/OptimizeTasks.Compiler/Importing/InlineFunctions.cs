using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// Puts the body of each model-local function in the place of its calls. A function whose operators mean something else in
/// the model's operator sets stays a call.
/// </summary>
internal sealed class InlineFunctions : Pass
{
    /// <summary>More nodes than any real model has: functions that call functions can grow without bound.</summary>
    private const long MaxNodes = 60_000;

    /// <summary>Functions that call functions that call functions.</summary>
    private const int MaxDepth = 256;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        Model model = context.Model;
        if (model.Functions.Count == 0)
            return 0;

        var functions = new Dictionary<(string, string, string), Function>();
        foreach (Function function in model.Functions)
            functions[(function.Domain, function.Name, function.Overload ?? "")] = function;
        RefuseBombs(graph, functions, context);

        int changes = 0;
        foreach (Graph root in graph.AllGraphs())
            InlineCalls(root.Nodes);

        if (changes > 0)
            NodeNames.MakeUnique(graph);
        HashSet<Function> called = [.. graph.AllNodes().Select(n => FunctionOf(n, functions)).OfType<Function>()];
        if (called.Count == 0)
        {
            changes += model.Functions.Count;
            model.Functions.Clear();
        }

        return changes;

        void InlineCalls(IEnumerable<Node> candidates)
        {
            foreach (Node node in candidates)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                if (FunctionOf(node, functions) is not { } function || !AgreeOnOpsets(function, model))
                    continue;
                changes++;
                IReadOnlyList<Node> copies = Inline(node, function);
                InlineCalls(copies);
                foreach (Graph subgraph in copies.Where(c => c.Graph is not null).SelectMany(c => c.Subgraphs).SelectMany(g => g.AllGraphs()).ToArray())
                    InlineCalls(subgraph.Nodes);
            }
        }
    }

    private static Function? FunctionOf(Node node, Dictionary<(string, string, string), Function> functions) =>
        functions.GetValueOrDefault((node.Domain, node.OpType, node.Overload ?? ""));

    /// <summary>Whether the body can stand in the model: every operator means the same in both.</summary>
    private static bool AgreeOnOpsets(Function function, Model model)
    {
        foreach (Node node in function.Body.AllNodes())
        {
            if (!function.Opsets.TryGetValue(node.Domain, out long inFunction))
                continue;
            if (!model.Opsets.TryGetValue(node.Domain, out long inModel))
                model.Opsets[node.Domain] = inModel = inFunction;
            if (inFunction != inModel && !(node.Domain.Length == 0 && OperatorVersions.AreSame(node.OpType, inFunction, inModel)))
                return false;
        }

        return true;
    }

    private static IReadOnlyList<Node> Inline(Node call, Function function)
    {
        Graph graph = call.Graph!;
        var arguments = function.AttributeDefaults.ToDictionary(a => a.Name, StringComparer.Ordinal);
        foreach (NodeAttribute attribute in call.Attributes)
            arguments[attribute.Name] = attribute;

        var copy = new GraphCopy(call.Name.Length == 0 ? "" : call.Name + "/", attribute => attribute is ReferenceAttribute reference
            ? arguments.GetValueOrDefault(reference.Referenced)?.Renamed(reference.Name)
            : attribute);
        for (int i = 0; i < function.Body.Inputs.Count; i++)
            copy.Bind(function.Body.Inputs[i], call.Input(i));
        IReadOnlyList<Node> nodes = copy.Copy(function.Body, graph, call);

        for (int i = 0; i < call.Outputs.Count; i++)
        {
            if (call.Outputs[i] is { IsUnused: false } output)
                graph.Replace(output, Result(call, function, copy, i));
        }

        graph.Remove(call);
        return nodes;
    }

    /// <summary>What an output of the function is in the place of the call.</summary>
    private static Value Result(Node call, Function function, GraphCopy copy, int index)
    {
        if (index >= function.Body.Outputs.Count)
            throw new ModelFormatException($"The call '{call.Name}' takes more outputs than the function '{function.Domain}.{function.Name}' has");
        return copy.Map(function.Body.Outputs[index])
            ?? throw new ModelFormatException($"The call '{call.Name}' uses an output of '{function.Domain}.{function.Name}' that is an input which it leaves out");
    }

    /// <summary>Counts before anything is copied what the calls would make.</summary>
    private static void RefuseBombs(Graph graph, Dictionary<(string, string, string), Function> functions, PassContext context)
    {
        var sizes = new Dictionary<Function, long>();
        var active = new HashSet<Function>();
        // A graph that is large of itself is no bomb.
        if (SizeOf(graph) - graph.AllNodes().LongCount() > MaxNodes)
            throw context.Fail(Diagnostics.InvalidGraph, $"The model's functions make more than {MaxNodes} nodes");

        long SizeOf(Graph body)
        {
            long size = 0;
            foreach (Node node in body.AllNodes())
                size = Math.Min(size + (FunctionOf(node, functions) is { } callee ? SizeOfCall(callee) : 1), int.MaxValue);
            return size;
        }

        long SizeOfCall(Function function)
        {
            if (sizes.TryGetValue(function, out long known))
                return known;
            if (!active.Add(function))
                throw context.Fail(Diagnostics.InvalidGraph, $"The function '{function.Domain}.{function.Name}' calls itself");
            if (active.Count > MaxDepth)
                throw context.Fail(Diagnostics.InvalidGraph, $"Functions call functions to more than the depth of {MaxDepth}");
            long size = SizeOf(function.Body);
            active.Remove(function);
            return sizes[function] = size;
        }
    }
}
