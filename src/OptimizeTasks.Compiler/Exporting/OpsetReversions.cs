using System.Collections.Frozen;
using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// How a node is written in the version before: what became an input is an attribute again. It keeps a model in the
/// operator set of its original, for which ONNX Runtime's own rules and other engines know it.
/// </summary>
internal static class OpsetReversions
{
    private static readonly FrozenDictionary<(string OpType, int Version), OpsetReversion> s_reversions = Build().ToFrozenDictionary(r => r.Key, r => r.Value);

    /// <summary>Whether the node can be written in the version before <paramref name="version"/>.</summary>
    public static bool Applies(Node node, int version) => s_reversions.GetValueOrDefault((node.OpType, version))?.Applies(node) ?? false;

    /// <summary>Writes the node in the version before <paramref name="version"/>.</summary>
    public static void Revert(Node node, int version) => s_reversions[(node.OpType, version)].Revert(node);

    private static IEnumerable<KeyValuePair<(string, int), OpsetReversion>> Build()
    {
        yield return Step("GridSample", 20, n => n.Input(0)?.Shape is { Rank: 4 }, RenameGridSampleMode);
        yield return Step("DFT", 20, n => n.Input(2) is null || n.Input(2).Integers() is [_], AxisToAttribute);
        foreach (string reduction in (string[])["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"])
            yield return Step(reduction, 18, HasConstantAxes, AxesToAttribute);
        yield return Step("Split", 18, SplitsEvenly, n => n.RemoveAttribute("num_outputs"));
        yield return Step("RoiAlign", 16, n => n.StringAttribute("coordinate_transformation_mode") == "output_half_pixel", n => n.RemoveAttribute("coordinate_transformation_mode"));

        yield return Step("ReduceSum", 13, HasConstantAxes, AxesToAttribute);
        yield return Step("Squeeze", 13, HasConstantAxes, AxesToAttribute);
        yield return Step("Unsqueeze", 13, n => n.Input(1).Integers() is not null, AxesToAttribute);
        yield return Step("Split", 13, n => n.Input(1) is null || n.Input(1).Integers() is not null, n => ToAttribute(n, "split", 1, 1));
        foreach (string softmax in (string[])["Softmax", "LogSoftmax", "Hardmax"])
            yield return Step(softmax, 13, n => LastAxis(n) is not null, n => n.SetAttribute(new IntAttribute("axis", LastAxis(n)!.Value)));
        yield return Step("Resize", 13, _ => true, AddEmptyInputs);

        yield return Step("Dropout", 12, n => (n.Input(2) is not { } training || training.IsAll(0)) && n.Outputs.Skip(1).All(o => o is null or { IsUnused: true }), DropoutToAttribute);
        yield return Step("Resize", 11, IsAsymmetricByScales, ResizeByScales);
        yield return Step("Clip", 11, n => IsFloat(n) && IsConstantFloat(n.Input(1)) && IsConstantFloat(n.Input(2)), ClipToAttributes);
        yield return Step("Pad", 11, n => IsFloat(n) && n.Input(1).Integers() is not null && IsConstantFloat(n.Input(2)) && n.Input(3) is null, PadToAttributes);
        yield return Step("TopK", 10, n => n.Input(1).Integers() is [_], n => ToAttribute(n, "k", n.Input(1).Integers()!.Value[0]));
        yield return Step("Slice", 10, SlicesByConstants, SliceToAttributes);
    }

    private static KeyValuePair<(string, int), OpsetReversion> Step(string opType, int version, Func<Node, bool> applies, Action<Node> revert) =>
        new((opType, version), new OpsetReversion(applies, revert));

    private static bool IsFloat(Node node) => node.Input(0)?.ElementType == ElementType.Float;

    private static bool IsConstantFloat(Value? value) => value is null or { Constant: { ElementType: ElementType.Float, ElementCount: 1 } };

    private static float? Float(Value? value) => value?.Constant?.Read<float>()[0];

    /// <summary>Makes a list of integers an attribute, and drops the inputs from <paramref name="first"/> on.</summary>
    private static void ToAttribute(Node node, string attribute, int input, int first)
    {
        if (node.Input(input).Integers() is { } list)
            node.SetAttribute(new IntsAttribute(attribute, list));
        node.TruncateInputs(first);
    }

    private static void ToAttribute(Node node, string attribute, long number)
    {
        node.SetAttribute(new IntAttribute(attribute, number));
        node.TruncateInputs(1);
    }

    private static void AxesToAttribute(Node node)
    {
        ToAttribute(node, "axes", 1, 1);
        node.RemoveAttribute("noop_with_empty_axes");
    }

    /// <summary>Without axes, an attribute says all axes; an empty input may say none.</summary>
    private static bool HasConstantAxes(Node node) => node.Input(1) is null
        ? node.IntAttribute("noop_with_empty_axes") == 0
        : node.Input(1).Integers() is { IsEmpty: false };

    private static bool SplitsEvenly(Node node)
    {
        int count = node.Outputs.Count;
        if (node.Input(1) is not null || node.IntAttribute("num_outputs") != count || node.Input(0)?.Shape is not { } shape)
            return false;
        long axis = node.IntAttribute("axis");
        axis = axis < 0 ? axis + shape.Rank : axis;
        return axis >= 0 && axis < shape.Rank && Dimension.TryDivide(shape[(int)axis], Dimension.Of(count), out _);
    }

    private static void RenameGridSampleMode(Node node) => node.SetAttribute(new StringAttribute("mode", node.StringAttribute("mode", "linear") switch
    {
        "linear" => "bilinear",
        "cubic" => "bicubic",
        var same => same,
    }));

    private static void AxisToAttribute(Node node)
    {
        node.SetAttribute(new IntAttribute("axis", node.Input(2).Integers() is [var axis] ? axis : -2));
        node.TruncateInputs(node.Input(1) is null ? 1 : 2);
    }

    /// <summary>The axis, if it is the last one; before 13 all axes from the given one on were one.</summary>
    private static long? LastAxis(Node node)
    {
        long axis = node.IntAttribute("axis", -1);
        if (node.Input(0)?.Shape is not { } shape)
            return axis == -1 ? axis : null;
        axis = axis < 0 ? axis + shape.Rank : axis;
        return axis >= 0 && axis < shape.Rank && shape.Skip((int)axis + 1).All(size => size.Equals(Dimension.Of(1))) ? axis : null;
    }

    private static void AddEmptyInputs(Node node)
    {
        for (int i = 1; i <= 2; i++)
        {
            if (node.Input(i) is null)
                node.SetInput(i, node.Graph!.AddInitializer($"{node.Output.Name}_none", Tensor.Create<float>(ElementType.Float, [0], [])));
        }
    }

    /// <summary>Whether the node does what version 10 does: no half pixels, and the neighbour below where it enlarges, above where it shrinks.</summary>
    private static bool IsAsymmetricByScales(Node node)
    {
        if (node.Input(3) is not null || node.Input(2) is not { } scales || node.StringAttribute("coordinate_transformation_mode") != "asymmetric")
            return false;
        string mode = node.StringAttribute("mode", "nearest");
        if (mode != "nearest" || scales.Constant is not { ElementType: ElementType.Float, ElementCount: <= 16 } constant)
            return mode == "linear";
        float[] numbers = constant.Read<float>().ToArray();
        return node.StringAttribute("nearest_mode") switch
        {
            "floor" => Array.TrueForAll(numbers, n => n >= 1),
            "ceil" => Array.TrueForAll(numbers, n => n <= 1),
            _ => false,
        };
    }

    private static void ResizeByScales(Node node)
    {
        node.SetInput(1, node.Input(2));
        node.TruncateInputs(2);
        foreach (string attribute in (string[])["coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value"])
            node.RemoveAttribute(attribute);
    }

    /// <summary>At inference neither the ratio nor the seed has an effect.</summary>
    private static void DropoutToAttribute(Node node)
    {
        node.TruncateInputs(1);
        node.RemoveAttribute("seed");
    }

    private static void ClipToAttributes(Node node)
    {
        if (Float(node.Input(1)) is { } min)
            node.SetAttribute(new FloatAttribute("min", min));
        if (Float(node.Input(2)) is { } max)
            node.SetAttribute(new FloatAttribute("max", max));
        node.TruncateInputs(1);
    }

    private static void PadToAttributes(Node node)
    {
        if (Float(node.Input(2)) is { } value)
            node.SetAttribute(new FloatAttribute("value", value));
        ToAttribute(node, "pads", 1, 1);
    }

    private static bool SlicesByConstants(Node node) => node.Input(1).Integers() is not null && node.Input(2).Integers() is not null
        && (node.Input(3) is null || node.Input(3).Integers() is not null)
        && (node.Input(4) is null || node.Input(4).IsAll(1));

    private static void SliceToAttributes(Node node)
    {
        ToAttribute(node, "axes", 3, 3);
        ToAttribute(node, "ends", 2, 2);
        ToAttribute(node, "starts", 1, 1);
    }
}
