using OptimizeTasks.Compiler.Folding;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>
/// The kernels of ONNX Runtime on the CPU that compute with activations of 8 bits. Pictures have their channels last from the
/// first convolution on: kernels want them so, and the runtime need not look for it when it loads the model.
/// </summary>
internal sealed class StaticKernels(Graph graph, StaticPlan plan, StaticScales scales, QuantizedWeights weights)
{
    /// <summary>A convolution reads its input without copying it where channels come in so many, and gives so many.</summary>
    private const int InputGroup = 4;
    private const int OutputGroup = 16;

    private readonly QuantizedValues _values = new(graph, scales);

    /// <summary>Changes the graph.</summary>
    public void Apply()
    {
        foreach (Node node in plan.Nodes.Where(n => !plan.IsAbsorbed(n)))
        {
            switch (StaticOperators.RoleOf(node))
            {
                case StaticRole.Multiplies when node.Is("Conv"):
                    Convolve(node);
                    break;
                case StaticRole.Multiplies:
                    Multiply(node);
                    break;
                case StaticRole.Moves:
                    Move(node);
                    break;
                default:
                    Compute(node);
                    break;
            }
        }

        _values.Dequantize(plan.Includes);
        foreach (Node node in Enumerable.Reverse(plan.Nodes))
            graph.Remove(node);
        graph.Sort();
    }

    private void Convolve(Node node)
    {
        Value x = node.Inputs[0]!, y = plan.ResultOf(node);
        long channels = node.Inputs[1]!.Constant!.Dimensions[1], filled = (channels + InputGroup - 1) / InputGroup * InputGroup;
        bool isFilled = filled != channels && node.IntAttribute("group", 1) == 1 && node.Inputs[1]!.Constant!.Dimensions[0] % OutputGroup == 0
            && x.Shape![1].TryGetValue(out long present) && present == channels && !_values.IsComputed(x);
        StaticWeights quantized = StaticWeights.Of(node, scales.Of(x).Scale, weights, isFilled ? filled : 0);
        Value codes = isFilled ? _values.Filled(x, filled, node) : _values.Codes(x, channelsLast: true, node);
        (Value scale, Value zeroPoint) = scales.ConstantsOf(x);
        (Value resultScale, Value resultZeroPoint) = scales.ConstantsOf(y);
        Give(node, y, channelsLast: true, "QLinearConv",
            [codes, scale, zeroPoint, quantized.Codes, quantized.Scales, quantized.ZeroPoints, resultScale, resultZeroPoint, quantized.Bias],
            [.. node.Attributes, new IntAttribute("channels_last", 1)]);
    }

    /// <summary>A product gives floating point where nothing takes 8 bits: one rounding less.</summary>
    private void Multiply(Node node)
    {
        Value x = node.Inputs[0]!;
        Value codes = _values.Codes(x, channelsLast: false, node);
        (Value scale, Value zeroPoint) = scales.ConstantsOf(x);
        StaticWeights quantized = StaticWeights.Of(node, scales.Of(x).Scale, weights);
        if (x.Shape!.Rank != 2)
        {
            Value? sum = node.Output.Uses is [var use] ? use.Node.Outputs[0] : null;
            Value? bias = ProductBias.Take(node, node.Inputs[1]!.Constant!.Dimensions[^1]);
            if (bias is not null)
                scales.Share(node.Output, sum!);
            bias = ProductBias.Less(bias, quantized.Shift, node);
            GiveNumbers(node, "MatMulIntegerToFloat", [codes, quantized.Codes, scale, quantized.Scales, zeroPoint, quantized.ZeroPoints, bias]);
            return;
        }

        Value?[] inputs = [codes, scale, zeroPoint, quantized.Codes, quantized.Scales, quantized.ZeroPoints, quantized.Bias];
        NodeAttribute[] attributes = [new FloatAttribute("alpha", 1), new IntAttribute("transB", quantized.Axis == 0 ? 1 : 0)];
        if (!plan.GivesCodes(node))
        {
            GiveNumbers(node, "QGemm", inputs, attributes);
            return;
        }

        Value y = plan.ResultOf(node);
        (Value resultScale, Value resultZeroPoint) = scales.ConstantsOf(y);
        Give(node, y, channelsLast: false, "QGemm", [.. inputs, resultScale, resultZeroPoint], attributes);
    }

    private void Compute(Node node)
    {
        Value y = plan.ResultOf(node);
        (Value resultScale, Value resultZeroPoint) = scales.ConstantsOf(y);
        bool channelsLast = node.OpType is "AveragePool" or "GlobalAveragePool" || HasChannelsLast(node);
        Value?[] inputs = [.. StaticOperators.ActivationsOf(node).SelectMany(x => Quantized(x, channelsLast, node))];
        IntAttribute layout = new("channels_last", 1);
        switch (node.OpType)
        {
            case "Concat":
                long axis = node.IntAttribute("axis"), rank = y.Shape!.Rank;
                axis += axis < 0 ? rank : 0;
                Give(node, y, channelsLast, "QLinearConcat", [resultScale, resultZeroPoint, .. inputs], [new IntAttribute("axis", channelsLast ? PlaceOf((int)axis, (int)rank) : axis)]);
                break;
            case "AveragePool":
                Give(node, y, channelsLast, "QLinearAveragePool", [.. inputs, resultScale, resultZeroPoint], [.. node.Attributes.Where(a => a.Name != "dilations"), layout]);
                break;
            case "Add" or "Mul" when StaticOperators.ConstantOf(node) is { } constant:
                Give(node, y, channelsLast, "QLinear" + node.OpType, [.. inputs, .. Quantized(constant, y.Shape!.Rank, channelsLast), resultScale, resultZeroPoint], []);
                break;
            case "GlobalAveragePool":
                Give(node, y, channelsLast, "QLinearGlobalAveragePool", [.. inputs, resultScale, resultZeroPoint], [layout]);
                break;
            default:
                Give(node, y, channelsLast, "QLinear" + node.OpType, [.. inputs, resultScale, resultZeroPoint], [.. node.Attributes]);
                break;
        }
    }

    /// <summary>A constant with as many axes as the result has, the channels where those of the result are.</summary>
    private IEnumerable<Value> Quantized(Value constant, int rank, bool channelsLast)
    {
        long[] shape = [.. Enumerable.Repeat(1L, rank - constant.Constant!.Rank), .. constant.Constant.Dimensions];
        if (channelsLast && rank > 2)
            shape = [.. QuantizedValues.Moves(rank, channelsLast: true).Apply(shape)];
        (Value codes, Value scale, Value zeroPoint) = scales.Quantized(constant.Name, ChannelConstants.Numbers(constant)!, shape);
        return [codes, scale, zeroPoint];
    }

    private void Move(Node node)
    {
        Value x = node.Inputs[0]!, y = node.Output;
        if (node.Is("MaxPool"))
        {
            Give(node, y, channelsLast: true, "NhwcMaxPool", [_values.Codes(x, true, node)], [.. node.Attributes.Where(a => a.Name != "storage_order")]);
            return;
        }

        bool channelsLast = node.OpType is "Resize" or "Slice" or "Split" or "Pad" && HasChannelsLast(node) && x.Shape!.Rank > 2;
        Value?[] inputs = [_values.Codes(x, channelsLast, node), .. node.Inputs.Skip(1)];
        if (node.Is("Slice") && inputs.Length == 3)
            inputs = [.. inputs, null];
        if (node.Is("Pad") && node.Input(2) is not null)
            inputs[2] = scales.ConstantsOf(x).ZeroPoint;
        if (node.Is("Pad") && node.Input(2) is null && node.StringAttribute("mode", "constant") == "constant")
            inputs = [inputs[0], inputs[1], scales.ConstantsOf(x).ZeroPoint];
        if (channelsLast && !node.Is("Resize"))
            MoveAxes(node, inputs);
        if (node.Is("Split"))
        {
            GiveParts(node, channelsLast, inputs);
            return;
        }

        if (channelsLast && node.Is("Resize"))
        {
            Permutation permutation = QuantizedValues.Moves(x.Shape!.Rank, channelsLast: true);
            if (node.Input(2) is { Constant: { ElementCount: > 0 } factors })
                inputs[2] = graph.AddInitializer(node.Output.Name + "_scales", Tensor.Create<float>(ElementType.Float, [factors.ElementCount], permutation.Apply(factors.Read<float>().ToArray())));
            if (node.Input(3).Integers() is { Length: > 0 } sizes)
                inputs[3] = graph.AddInitializer(node.Output.Name + "_sizes", Tensor.OfInt64(permutation.Apply([.. sizes])));
        }

        Give(node, y, channelsLast, node.OpType, inputs, [.. node.Attributes], domain: "");
    }

    /// <summary>Says to a Slice or a Pad where the axes are once channels are last.</summary>
    private void MoveAxes(Node node, Value?[] inputs)
    {
        int rank = node.Inputs[0]!.Shape!.Rank;
        if (node.Is("Slice"))
        {
            Value axes = graph.AddInitializer(node.Output.Name + "_axes", Tensor.OfInt64([.. SliceAxes.Of(node)!.Value.Select(axis => (long)PlaceOf((int)axis, rank))]));
            inputs[3] = axes;
        }
        else if (node.Is("Pad"))
        {
            Permutation permutation = QuantizedValues.Moves(rank, channelsLast: true);
            long[] pads = [.. node.Input(1).Integers()!.Value];
            inputs[1] = graph.AddInitializer(node.Output.Name + "_pads", Tensor.OfInt64([.. permutation.Apply(pads[..rank]), .. permutation.Apply(pads[rank..])]));
        }
    }

    private void GiveParts(Node node, bool channelsLast, Value?[] inputs)
    {
        int rank = node.Inputs[0]!.Shape!.Rank;
        long axis = node.IntAttribute("axis");
        axis += axis < 0 ? rank : 0;
        Node split = graph.AddNode("Split", KernelInputs.WithoutAbsentEnd(inputs), before: node);
        foreach (NodeAttribute attribute in node.Attributes.Where(a => a.Name != "axis").Append(new IntAttribute("axis", channelsLast ? PlaceOf((int)axis, rank) : axis)))
            split.SetAttribute(attribute);
        Name(split, node, null);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { } part)
                continue;
            Value codes = graph.AddValue(graph.UniqueName(part.Name + "_codes"), null);
            split.SetOutput(i, codes);
            _values.Add(part, channelsLast, codes);
        }
    }

    /// <summary>Whether the node computes with channels last: one of its inputs has them there, and all have as many axes.</summary>
    private bool HasChannelsLast(Node node)
    {
        Value[] inputs = [.. StaticOperators.ActivationsOf(node)];
        return inputs.Any(_values.HasChannelsLast) && inputs.All(v => v.Shape!.Rank == inputs[0].Shape!.Rank);
    }

    private IEnumerable<Value> Quantized(Value value, bool channelsLast, Node node)
    {
        (Value scale, Value zeroPoint) = scales.ConstantsOf(value);
        return [_values.Codes(value, channelsLast, node), scale, zeroPoint];
    }

    /// <summary>Where an axis stands once channels are last.</summary>
    private static int PlaceOf(int axis, int rank) => axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;

    private void Give(Node node, Value result, bool channelsLast, string kernel, IReadOnlyList<Value?> inputs, IReadOnlyList<NodeAttribute> attributes, string domain = Kernel.Domain)
    {
        Value codes = graph.Apply(kernel, KernelInputs.WithoutAbsentEnd([.. inputs]), result.Name + "_codes", attributes, domain, before: node);
        Name(codes.Producer!, node, result.Producer);
        _values.Add(result, channelsLast && result.Shape is { Rank: > 2 }, codes);
    }

    private void GiveNumbers(Node node, string kernel, IReadOnlyList<Value?> inputs, params IReadOnlyList<NodeAttribute> attributes)
    {
        Node product = graph.AddNode(kernel, KernelInputs.WithoutAbsentEnd([.. inputs]), Kernel.Domain, before: node);
        foreach (NodeAttribute attribute in attributes)
            product.SetAttribute(attribute);
        Value result = node.Output;
        node.SetOutput(0, null);
        product.SetOutput(0, result);
        Name(product, node, null);
    }

    /// <summary>The kernel tells which nodes it came from.</summary>
    private void Name(Node kernel, Node node, Node? absorbed)
    {
        kernel.Provenance = [.. NamesOf(node), .. absorbed is null || absorbed == node ? [] : NamesOf(absorbed)];
        kernel.Name = graph.UniqueName(node.PlanName() + "_int8");

        static IEnumerable<string> NamesOf(Node node) => node.Provenance.IsEmpty ? [node.PlanName()] : node.Provenance;
    }
}
