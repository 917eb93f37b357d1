using System.Collections.Frozen;
using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// The steps between versions of operators that take more than nothing, by operator and new version (ONNX's
/// <c>Changelog.md</c>). The other steps of <see cref="OperatorVersions"/> add types, attributes with the old meaning as
/// default, or words.
/// </summary>
internal static class OpsetConversions
{
    private static readonly string[] s_reductions =
        ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"];

    private static readonly FrozenDictionary<(string OpType, int Version), OpsetConversion> s_conversions = Build().ToFrozenDictionary(c => c.Key, c => c.Value);

    /// <summary>The conversion to this version of the operator; null where the node stays as it is.</summary>
    public static OpsetConversion? Find(string opType, int version) => s_conversions.GetValueOrDefault((opType, version));

    private static IEnumerable<KeyValuePair<(string, int), OpsetConversion>> Build()
    {
        // 9: one mean per channel is the only meaning left.
        yield return Step("BatchNormalization", 9, n => n.IntAttribute("spatial", 1) == 1, n => n.RemoveAttribute("spatial"));
        yield return Step("Upsample", 9, n => n.Attribute("scales") is FloatsAttribute, n => FloatsToInput(n, "scales", 1));
        yield return Step("Scan", 9, ScanConversion.Applies, ScanConversion.OverBatches);

        // 10: sizes and positions became inputs.
        yield return Step("Slice", 10, n => n.IntsAttribute("starts") is not null && n.IntsAttribute("ends") is not null, SliceToInputs);
        yield return Step("TopK", 10, n => n.Attribute("k") is IntAttribute, n => ToInput(n, "k", 1, Tensor.OfInt64(n.IntAttribute("k"))));
        yield return Step("Dropout", 10, n => Mask(n) is null || HasFloatInput(n), ClearMask);
        yield return Step("Upsample", 10, null, ResizeConversions.FromUpsample);

        // 11
        yield return Step("Clip", 11, HasFloatInput, ClipToInputs);
        yield return Step("Pad", 11, n => n.IntsAttribute("pads") is not null && HasFloatInput(n), PadToInputs);
        yield return Step("Resize", 11, null, ResizeConversions.NameModes);
        yield return Step("Scatter", 11, null, n => n.OpType = "ScatterElements");

        // 12: at inference the ratio has no effect. The mask was false before.
        yield return Step("Dropout", 12, null, DropoutWithoutRatio);

        // 13
        yield return Step("Softmax", 13, null, SoftmaxToOneAxis);
        yield return Step("LogSoftmax", 13, null, SoftmaxToOneAxis);
        yield return Step("Hardmax", 13, null, SoftmaxToOneAxis);
        yield return Step("Squeeze", 13, null, n => IntsToInput(n, "axes", 1));
        yield return Step("Unsqueeze", 13, n => n.IntsAttribute("axes") is not null, n => IntsToInput(n, "axes", 1));
        yield return Step("ReduceSum", 13, null, n => IntsToInput(n, "axes", 1));
        yield return Step("Split", 13, null, n => IntsToInput(n, "split", 1));
        yield return Step("Resize", 13, ResizeConversions.CanDoWithoutHalfPixelForNeighbours, ResizeConversions.DoWithoutHalfPixelForNeighbours);

        // 14: the statistics of training changed their meaning.
        yield return Step("BatchNormalization", 14, n => n.Outputs.Skip(1).All(o => o is null or { IsUnused: true }));

        // 16: the default is half a pixel off the old meaning.
        yield return Step("RoiAlign", 16, null, n => n.SetAttribute(new StringAttribute("coordinate_transformation_mode", "output_half_pixel")));

        // 17: ONNX Runtime had the operator before ONNX, and takes parameters of another type there.
        yield return Step("LayerNormalization", 17, n => HasFloatInput(n) && n.Inputs.All(i => i is null || i.ElementType == n.Input(0)!.ElementType));

        // 18
        foreach (string reduction in s_reductions)
            yield return Step(reduction, 18, null, n => IntsToInput(n, "axes", 1));
        yield return Step("Split", 18, null, AddSplitCount);

        // 20
        yield return Step("DFT", 20, null, n => ToInput(n, "axis", 2, Tensor.Create(ElementType.Int64, [], [n.IntAttribute("axis", 1)])));
        yield return Step("GridSample", 20, null, RenameGridSampleMode);

        // 21: scale and bias are per channel, no longer per group.
        yield return Step("GroupNormalization", 21, n => n.IntAttribute("num_groups") > 0, RepeatForChannels);
    }

    private static KeyValuePair<(string, int), OpsetConversion> Step(string opType, int version, Func<Node, bool>? applies, Action<Node>? convert = null) =>
        new((opType, version), new OpsetConversion(applies, convert));

    private static bool HasFloatInput(Node node) => node.Input(0)?.ElementType is ElementType.Float or ElementType.Double or ElementType.Float16;

    private static void ToInput(Node node, string attribute, int index, Tensor tensor)
    {
        node.SetInput(index, node.Graph!.AddInitializer($"{node.Outputs[0]?.Name}_{attribute}", tensor));
        node.RemoveAttribute(attribute);
    }

    private static void IntsToInput(Node node, string attribute, int index)
    {
        if (node.IntsAttribute(attribute) is { } values)
            ToInput(node, attribute, index, Tensor.OfInt64(values.AsSpan()));
    }

    private static void FloatsToInput(Node node, string attribute, int index)
    {
        ImmutableArray<float> values = ((FloatsAttribute)node.Attribute(attribute)!).Values;
        ToInput(node, attribute, index, Tensor.Create(ElementType.Float, [values.Length], values.AsSpan()));
    }

    private static Value? Mask(Node node) => node.Outputs.Skip(1).FirstOrDefault(o => o is { IsUnused: false });

    /// <summary>Before 12, ONNX Runtime gave a mask of zeros at inference; before 10 they had the type of the data.</summary>
    private static void ClearMask(Node node) => ReplaceMask(node, node.Input(0)!.ElementType);

    private static void DropoutWithoutRatio(Node node)
    {
        ReplaceMask(node, ElementType.Bool);
        node.RemoveAttribute("ratio");
    }

    private static void ReplaceMask(Node node, ElementType type)
    {
        if (Mask(node) is not { } mask)
            return;
        node.SetOutput(mask.OutputIndex, null);
        Tensor zero = type == ElementType.Bool ? Tensor.Create<byte>(type, [1], [0]) : new Tensor(type, [1], Scalars.Create(type, 0).Data);
        Value sizes = node.Graph!.Apply("Shape", [node.Inputs[0]], mask.Name + "_shape", before: node);
        Node zeros = node.Graph!.AddNode("ConstantOfShape", [sizes], before: node);
        zeros.SetAttribute(new TensorAttribute("value", zero));
        zeros.SetOutput(0, mask);
    }

    private static void SliceToInputs(Node node)
    {
        IntsToInput(node, "starts", 1);
        IntsToInput(node, "ends", 2);
        IntsToInput(node, "axes", 3);
    }

    private static void ClipToInputs(Node node)
    {
        ElementType type = node.Input(0)!.ElementType;
        if (node.Attribute("min") is FloatAttribute min)
            ToInput(node, "min", 1, Scalars.Create(type, min.Value));
        if (node.Attribute("max") is FloatAttribute max)
            ToInput(node, "max", 2, Scalars.Create(type, max.Value));
    }

    private static void PadToInputs(Node node)
    {
        IntsToInput(node, "pads", 1);
        if (node.StringAttribute("mode", "constant") == "constant")
            ToInput(node, "value", 2, Scalars.Create(node.Input(0)!.ElementType, node.FloatAttribute("value")));
        node.RemoveAttribute("value");
    }

    /// <summary>
    /// Before 13, all axes from <c>axis</c> on were one. Where they are one already, the new operator is the same; else the
    /// input is flattened to two axes and the result takes the old shape again.
    /// </summary>
    private static void SoftmaxToOneAxis(Node node)
    {
        long axis = node.IntAttribute("axis", 1);
        if (node.Input(0)?.Shape is { } shape && OnlyAxis(shape, axis) is { } only)
        {
            node.SetAttribute(new IntAttribute("axis", only));
            return;
        }

        Graph graph = node.Graph!;
        Value input = node.Inputs[0]!;
        Value output = node.Output;
        string name = output.Name;
        Value sizes = graph.Apply("Shape", [input], name + "_shape", before: node);
        Value flat = graph.Apply("Flatten", [input], name + "_flat", [new IntAttribute("axis", axis)], before: node);
        node.SetInput(0, flat);
        node.SetAttribute(new IntAttribute("axis", 1));
        node.SetOutput(0, graph.AddValue(graph.UniqueName(name + "_softmax")));
        Node reshape = graph.AddNode("Reshape", [node.Output, sizes], before: node.Next);
        reshape.Name = name + "_reshape";
        reshape.SetOutput(0, output);
    }

    /// <summary>The one axis from <paramref name="axis"/> on that may be longer than 1, or the last; null where there are several.</summary>
    private static long? OnlyAxis(Shape shape, long axis)
    {
        long first = axis < 0 ? axis + shape.Rank : axis;
        if (first < 0 || first >= shape.Rank)
            return null;
        int[] longer = [.. Enumerable.Range((int)first, shape.Rank - (int)first).Where(i => !(shape[i].TryGetValue(out long size) && size == 1))];
        return longer.Length switch
        {
            0 => shape.Rank - 1,
            1 => longer[0],
            _ => null,
        };
    }

    private static void AddSplitCount(Node node)
    {
        if (node.Input(1) is null)
            node.SetAttribute(new IntAttribute("num_outputs", node.Outputs.Count));
    }

    private static void RenameGridSampleMode(Node node)
    {
        string mode = node.StringAttribute("mode", "bilinear") switch
        {
            "bilinear" => "linear",
            "bicubic" => "cubic",
            var same => same,
        };
        node.SetAttribute(new StringAttribute("mode", mode));
    }

    /// <summary>Each group's scale and bias, once for each of its channels.</summary>
    private static void RepeatForChannels(Node node)
    {
        Graph graph = node.Graph!;
        string name = node.Output.Name;
        Value groups = graph.AddInitializer(name + "_groups", Tensor.OfInt64(node.IntAttribute("num_groups")));
        Value column = graph.AddInitializer(name + "_column", Tensor.OfInt64(-1, 1));
        Value row = graph.AddInitializer(name + "_row", Tensor.OfInt64(-1));
        Value channels = graph.Apply("Shape", [node.Inputs[0]], name + "_channels", [new IntAttribute("start", 1), new IntAttribute("end", 2)], before: node);
        Value each = graph.Apply("Div", [channels, groups], name + "_each", before: node);
        Value sizes = graph.Apply("Concat", [groups, each], name + "_sizes", [new IntAttribute("axis", 0)], before: node);
        for (int i = 1; i <= 2; i++)
        {
            Value standing = graph.Apply("Reshape", [node.Inputs[i], column], name + "_standing", before: node);
            Value repeated = graph.Apply("Expand", [standing, sizes], name + "_repeated", before: node);
            node.SetInput(i, graph.Apply("Reshape", [repeated, row], name + "_parameter", before: node));
        }
    }
}
