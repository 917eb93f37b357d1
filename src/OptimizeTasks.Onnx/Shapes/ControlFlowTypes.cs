using System.Collections.Immutable;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators with subgraphs.</summary>
internal static class ControlFlowTypes
{
    /// <summary>Bodies of loops nested deeper are walked with states of which no shape is known, so that the work stays linear.</summary>
    private const int MaxLoopDepth = 3;

    /// <summary>After so many walks the states' shapes are given up.</summary>
    private const int MaxWalks = 3;

    public static void Register(OperatorTable table)
    {
        table.Add(If, "If");
        table.Add(Loop, "Loop");
        table.Add(Scan, "Scan");
        table.Add(SequenceMap, "SequenceMap");
    }

    /// <summary>A condition that is known picks its branch; otherwise both agree on what is known.</summary>
    private static void If(NodeInference node)
    {
        foreach (Graph branch in node.Node.Subgraphs)
            node.Infer(branch);
        if (Body(node, "then_branch") is not { } then || Body(node, "else_branch") is not { } otherwise)
            return;
        long? condition = node.Numbers(0) is [var number] ? number : null;
        for (int i = 0; i < node.Node.Outputs.Count && i < then.Outputs.Count && i < otherwise.Outputs.Count; i++)
        {
            OnnxType? type = condition switch
            {
                null => TypeMerging.Common(then.Outputs[i].Type, otherwise.Outputs[i].Type),
                0 => otherwise.Outputs[i].Type,
                _ => then.Outputs[i].Type,
            };
            node.Set(i, type);
        }
    }

    /// <summary>
    /// Inputs: trip count, condition, states. The body takes iteration number, condition and states, and gives condition,
    /// states and what is collected along a new first axis.
    /// </summary>
    private static void Loop(NodeInference node)
    {
        if (Body(node, "body") is not { } body || body.Inputs.Count != node.Node.Inputs.Count || body.Outputs.Count < body.Inputs.Count - 1)
        {
            InferUnknown(node);
            return;
        }

        int states = Math.Max(0, body.Inputs.Count - 2);
        OnnxType?[] initial = [.. Enumerable.Range(2, states).Select(i => node.Node.Input(i)?.Type)];
        if (body.Inputs.Count > 0)
            node.Graph.SetInput(body.Inputs[0], new TensorType(ElementType.Int64, Shape.Scalar));
        if (body.Inputs.Count > 1)
            node.Graph.SetInput(body.Inputs[1], new TensorType(ElementType.Bool, Shape.Scalar));
        InferBody(node, body, initial, firstInput: 2, firstOutput: 1);

        for (int i = 0; i < node.Node.Outputs.Count && i + 1 < body.Outputs.Count; i++)
        {
            OnnxType? type = body.Outputs[i + 1].Type;
            // No iteration at all leaves the initial state.
            node.Set(i, i < states ? TypeMerging.Common(initial[i], type) : Stacked(type, Dimension.Unknown(), 0));
        }
    }

    /// <summary>
    /// Infers a body whose states change from one iteration to the next. At first a state is taken to keep its type; what comes
    /// out different is not known, and the body is walked again, until nothing more turns out to change.
    /// </summary>
    private static void InferBody(NodeInference node, Graph body, OnnxType?[] initial, int firstInput, int firstOutput)
    {
        var declared = new DeclaredTypes(body);
        int conflicts = node.Graph.Conflicts.Count;
        OnnxType?[] states = node.Graph.LoopDepth < MaxLoopDepth ? initial : [.. initial.Select(WithoutShape)];
        node.Graph.LoopDepth++;
        for (int walk = 0; ; walk++)
        {
            for (int i = 0; i < states.Length; i++)
                node.Graph.SetInput(body.Inputs[firstInput + i], states[i]);
            node.Infer(body);
            OnnxType?[] next = [.. states.Select((state, i) => Loosened(state, body.Outputs[firstOutput + i].Type))];
            if (next.SequenceEqual(states))
                break;
            states = walk < MaxWalks - 1 ? next : [.. next.Select(WithoutShape)];
            // What followed from the wrong assumption must not be taken for what the file says.
            declared.Restore();
            node.Graph.ForgetConflictsFrom(conflicts);
        }

        node.Graph.LoopDepth--;
    }

    /// <summary>The state, but for the sizes that an iteration changes.</summary>
    private static OnnxType? Loosened(OnnxType? state, OnnxType? result)
    {
        if (state is not TensorType { Shape: { } before } tensor)
            return state is TensorType || (state is not null && state.Equals(result)) ? state : WithoutShape(state);
        if (result is not TensorType { Shape: { } after } || after.Rank != before.Rank)
            return WithoutShape(state);
        bool isSame = before.Zip(after).All(pair => pair.First.IsUnknown || pair.First.Equals(pair.Second));
        return isSame ? state : tensor with { Shape = new Shape(before.Zip(after, (x, y) => x.IsUnknown || x.Equals(y) ? x : Dimension.Unknown())) };
    }

    private static OnnxType? WithoutShape(OnnxType? type) => type switch
    {
        TensorType tensor => new TensorType(tensor.ElementType),
        SequenceType sequence => new SequenceType(WithoutShape(sequence.Element)),
        OptionalType optional => new OptionalType(WithoutShape(optional.Element)),
        _ => type,
    };

    /// <summary>
    /// Version 8: lengths, states [batch, …], sequences [batch, time, …]; the body sees neither batch nor time.
    /// </summary>
    private static void ScanBatches(NodeInference node)
    {
        int count = node.Node.Inputs.Count - 1;
        int states = count - (int)Math.Clamp(node.Node.IntAttribute("num_scan_inputs"), 0, Math.Max(0, count));
        if (Body(node, "body") is not { } body || body.Inputs.Count != count)
        {
            InferUnknown(node);
            return;
        }

        Dimension batch = Dimension.Unknown();
        Dimension time = Dimension.Unknown();
        for (int i = 0; i < count; i++)
        {
            int dropped = i < states ? 1 : 2;
            Shape? shape = node.ShapeOf(i + 1) is { } whole && whole.Rank >= dropped ? whole : null;
            batch = shape is null ? batch : Broadcasting.Agree(batch, shape[0]);
            time = shape is null || i < states ? time : Broadcasting.Agree(time, shape[1]);
            node.Graph.SetInput(body.Inputs[i], new TensorType(node.TypeOf(i + 1), shape is null ? null : new Shape(shape.Skip(dropped))));
        }

        node.Infer(body);
        for (int i = 0; i < node.Node.Outputs.Count && i < body.Outputs.Count; i++)
            node.Set(i, i < states ? node.Node.Input(i + 1)?.Type : Stacked(Stacked(body.Outputs[i].Type, time, 0), batch, 0));
    }

    /// <summary>
    /// Inputs: states, then sequences that are taken apart along an axis; outputs: states, then sequences put together. States
    /// keep their shape.
    /// </summary>
    private static void Scan(NodeInference node)
    {
        if (node.Opset < 9)
        {
            ScanBatches(node);
            return;
        }

        long sequences = node.Node.IntAttribute("num_scan_inputs");
        int count = node.Node.Inputs.Count;
        if (Body(node, "body") is not { } body || body.Inputs.Count != count || sequences < 1 || sequences > count)
        {
            InferUnknown(node);
            return;
        }

        int states = count - (int)sequences;
        Dimension length = Dimension.Unknown();
        for (int i = 0; i < count; i++)
        {
            OnnxType? type = node.Node.Input(i)?.Type;
            if (i >= states && type is TensorType { Shape: { } shape } tensor && NodeInference.Axis(Listed(node, "scan_input_axes", i - states), shape.Rank) is { } axis)
            {
                length = Broadcasting.Agree(length, shape[axis]);
                type = tensor with { Shape = new Shape(shape.Where((_, d) => d != axis)) };
            }
            else if (i >= states)
            {
                type = new TensorType(node.TypeOf(i));
            }

            node.Graph.SetInput(body.Inputs[i], type);
        }

        node.Infer(body);
        for (int i = 0; i < node.Node.Outputs.Count && i < body.Outputs.Count; i++)
            node.Set(i, i < states ? node.Node.Input(i)?.Type : Stacked(body.Outputs[i].Type, length, Listed(node, "scan_output_axes", i - states)));
    }

    private static void SequenceMap(NodeInference node)
    {
        if (Body(node, "body") is not { } body || body.Inputs.Count != node.Node.Inputs.Count)
        {
            InferUnknown(node);
            return;
        }

        for (int i = 0; i < body.Inputs.Count; i++)
            node.Graph.SetInput(body.Inputs[i], node.Node.Input(i)?.Type is SequenceType sequence ? sequence.Element : node.Node.Input(i)?.Type);
        node.Infer(body);
        for (int i = 0; i < node.Node.Outputs.Count && i < body.Outputs.Count; i++)
            node.Set(i, new SequenceType(body.Outputs[i].Type));
    }

    private static void InferUnknown(NodeInference node)
    {
        foreach (Graph subgraph in node.Node.Subgraphs)
            node.Infer(subgraph);
    }

    private static Graph? Body(NodeInference node, string attribute) => (node.Node.Attribute(attribute) as GraphAttribute)?.Value;

    private static long Listed(NodeInference node, string attribute, int index)
    {
        ImmutableArray<long>? list = node.Node.IntsAttribute(attribute);
        return index < list?.Length ? list.Value[index] : 0;
    }

    private static OnnxType? Stacked(OnnxType? type, Dimension length, long axisNumber)
    {
        if (type is not TensorType { Shape: { } shape } tensor)
            return type is TensorType unknown ? new TensorType(unknown.ElementType) : null;
        return NodeInference.Axis(axisNumber, shape.Rank + 1) is { } axis
            ? tensor with { Shape = new Shape(shape.Take(axis).Append(length).Concat(shape.Skip(axis))) }
            : new TensorType(tensor.ElementType);
    }
}
