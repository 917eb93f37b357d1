using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// <c>Scan</c> of operator set 8 had batches: states [batch, …], sequences [batch, time, …], and perhaps a length for each
/// batch. Since 9 that is a scan over the batches with a scan over time in it.
/// </summary>
internal static class ScanConversion
{
    /// <summary>Whether the node is one with a body; lengths only where everything runs forwards.</summary>
    public static bool Applies(Node node) => node.Attribute("body") is GraphAttribute { Value: { } body } && node.Inputs.Count == body.Inputs.Count + 1
        && node.IntAttribute("num_scan_inputs") is var sequences && sequences >= 1 && sequences <= body.Inputs.Count
        && node.Inputs.Skip(1).All(i => i is not null)
        && (node.Input(0) is null || node.IntsAttribute("directions") is not { } directions || directions.All(d => d == 0));

    /// <summary>Puts the scan over time into one over the batches.</summary>
    public static void OverBatches(Node node)
    {
        Graph body = ((GraphAttribute)node.Attribute("body")!).Value;
        Value? lengths = node.Input(0);
        int count = body.Inputs.Count;
        int states = count - (int)node.IntAttribute("num_scan_inputs");

        var batch = new Graph(body.Name + "_batch", node.Graph);
        Value[] inputs = [.. body.Inputs.Select(i => batch.AddInput(batch.UniqueName(i.Name)))];
        Value? length = lengths is null ? null : batch.Apply("Reshape", [batch.AddInput(batch.UniqueName("length")), Integers(batch, -1)], "length");
        Node time = AddTimeScan(batch, node, body, [.. inputs.Select((input, i) => i < states || length is null ? input : Taken(batch, input, length))]);
        for (int i = 0; i < body.Outputs.Count; i++)
        {
            Value output = time.Outputs[i]!;
            batch.AddOutput(i < states || length is null ? output : Filled(batch, output, inputs[states], length));
        }

        Value?[] given = [.. node.Inputs.Skip(1), .. lengths is null ? Array.Empty<Value?>() : [lengths]];
        node.TruncateInputs(0);
        for (int i = 0; i < given.Length; i++)
            node.SetInput(i, given[i]);
        node.RemoveAttribute("directions");
        node.SetAttribute(new IntAttribute("num_scan_inputs", given.Length));
        node.SetAttribute(new GraphAttribute("body", batch));
    }

    private static Node AddTimeScan(Graph batch, Node node, Graph body, Value[] inputs)
    {
        var steps = new Graph(body.Name, batch);
        var copy = new GraphCopy();
        foreach (Value input in body.Inputs)
            copy.Bind(input, steps.AddInput(steps.UniqueName(input.Name), input.Type));
        copy.Copy(body, steps, null);

        Node time = batch.AddNode("Scan", inputs);
        time.SetAttribute(new IntAttribute("num_scan_inputs", node.IntAttribute("num_scan_inputs")));
        time.SetAttribute(new GraphAttribute("body", steps));
        if (node.IntsAttribute("directions") is { } directions)
            time.SetAttribute(new IntsAttribute("scan_input_directions", directions));
        for (int i = 0; i < body.Outputs.Count; i++)
        {
            steps.AddOutput(copy.Map(body.Outputs[i])!);
            time.SetOutput(i, batch.AddValue(batch.UniqueName(body.Outputs[i].Name)));
        }

        return time;
    }

    /// <summary>The sequence up to its length.</summary>
    private static Value Taken(Graph batch, Value sequence, Value length) =>
        batch.Apply("Slice", [sequence, Integers(batch, 0), length, Integers(batch, 0)], sequence.Name + "_taken");

    /// <summary>What was collected, with zeros behind it as long as the sequence is.</summary>
    private static Value Filled(Graph batch, Value collected, Value sequence, Value length)
    {
        Value whole = batch.Apply("Shape", [sequence], "whole", [new IntAttribute("end", 1)]);
        Value missing = batch.Apply("Sub", [whole, length], "missing");
        Value pads = batch.Apply("Concat", [Integers(batch, 0), missing], "pads", [new IntAttribute("axis", 0)]);
        return batch.Apply("Pad", [collected, pads, null, Integers(batch, 0)], collected.Name + "_filled");
    }

    private static Value Integers(Graph graph, params long[] numbers) => graph.AddInitializer("integers", Tensor.OfInt64(numbers));
}
