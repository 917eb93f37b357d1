using System.Collections.Frozen;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Exporting;

/// <summary>
/// What a version of an operator brought that a node may rely on: attributes, absent or additional inputs, element types.
/// A node that relies on nothing new means the same in the version before.
/// </summary>
internal static class OpsetFeatures
{
    private static readonly FrozenDictionary<(string, int), string[]> s_attributes = new Dictionary<(string, int), string[]>
    {
        [("ArgMax", 12)] = ["select_last_index"],
        [("ArgMin", 12)] = ["select_last_index"],
        [("AveragePool", 10)] = ["ceil_mode"],
        [("AveragePool", 19)] = ["dilations"],
        [("BatchNormalization", 14)] = ["training_mode"],
        [("Cast", 19)] = ["saturate"],
        [("Cast", 24)] = ["round_mode"],
        [("CastLike", 19)] = ["saturate"],
        [("CastLike", 24)] = ["round_mode"],
        [("DepthToSpace", 11)] = ["mode"],
        [("DequantizeLinear", 13)] = ["axis"],
        [("DequantizeLinear", 21)] = ["block_size"],
        [("DequantizeLinear", 23)] = ["output_dtype"],
        [("Dropout", 12)] = ["seed"],
        [("GatherND", 12)] = ["batch_dims"],
        [("GRU", 14)] = ["layout"],
        [("LSTM", 14)] = ["layout"],
        [("LpPool", 18)] = ["ceil_mode", "dilations"],
        [("MaxPool", 8)] = ["storage_order"],
        [("MaxPool", 10)] = ["ceil_mode", "dilations"],
        [("QuantizeLinear", 13)] = ["axis"],
        [("QuantizeLinear", 19)] = ["saturate"],
        [("QuantizeLinear", 21)] = ["block_size", "output_dtype"],
        [("QuantizeLinear", 23)] = ["precision"],
        [("RNN", 14)] = ["layout"],
        [("Reshape", 14)] = ["allowzero"],
        [("Resize", 18)] = ["antialias", "axes", "keep_aspect_ratio_policy"],
        [("ScatterElements", 16)] = ["reduction"],
        [("ScatterND", 16)] = ["reduction"],
        [("Shape", 15)] = ["start", "end"],
        [("TopK", 11)] = ["largest", "sorted"],
    }.ToFrozenDictionary();

    /// <summary>The versions from which on operators take integers; those that move data always did.</summary>
    private static readonly FrozenDictionary<string, int> s_integersSince = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["Clip"] = 12,
        ["Flatten"] = 9,
        ["Gemm"] = 9,
        ["Greater"] = 9,
        ["Less"] = 9,
        ["MatMul"] = 9,
        ["Max"] = 12,
        ["MaxPool"] = 12,
        ["Min"] = 12,
        ["PRelu"] = 9,
        ["Pow"] = 12,
        ["Relu"] = 14,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether the node relies on what <paramref name="version"/> of its operator brought.</summary>
    /// <param name="node">The node.</param>
    /// <param name="version">A version of its operator.</param>
    /// <param name="original">The operator set of the original: down to it every type was right.</param>
    public static bool Uses(Node node, int version, long original) =>
        (s_attributes.TryGetValue((node.OpType, version), out string[]? names) && names.Any(n => node.Attribute(n) is not null))
        || UsesInputs(node, version, original)
        || (version <= original && UsesTypes(node, version));

    private static bool UsesInputs(Node node, int version, long original) => (node.OpType, version) switch
    {
        (_, 11) when HasNegativeAxis(node) => true,
        ("Gemm", 11) => node.Input(2) is null,
        // What the original gave its own version, that takes.
        ("Gather", 11) => original >= version && !IsConstantAtLeast(node.Input(1), 0),
        ("Slice", 11) => original >= version && !(IsConstantAtLeast(node.Input(3), 0) && IsConstantAtLeast(node.Input(4), 1)),
        ("Identity", 14) or ("If" or "Loop", 13) => Holds<SequenceType>(node),
        ("Identity" or "If" or "Loop", 16) => Holds<OptionalType>(node),
        ("If", 11) => node.Outputs.Any(o => o?.Shape is null),
        ("Dropout", 12) => node.Outputs.Skip(1).Any(o => o is { IsUnused: false }),
        ("OptionalGetElement" or "OptionalHasElement", 18) => node.Input(0)?.Type is not OptionalType,

        // Before, these did not broadcast.
        ("Max" or "Mean" or "Min" or "Sum", 8) => node.Inputs.Any(i => i?.Shape is not { } shape || !shape.Equals(node.Input(0)?.Shape)),
        ("Resize", 13) => node.Input(1) is null || node.Input(2) is null,
        ("Resize", 19) => node.StringAttribute("coordinate_transformation_mode") == "half_pixel_symmetric",
        ("TopK", 11) => node.Input(0)?.ElementType is not (ElementType.Float or ElementType.Double or ElementType.Float16),
        ("Pad", 13) => node.Input(0)?.ElementType == ElementType.UInt8,
        ("Pad", 18) => node.Input(3) is not null,
        ("Pad", 19) => node.StringAttribute("mode") == "wrap",
        ("ScatterElements" or "ScatterND", 18) => node.StringAttribute("reduction") is "max" or "min",
        ("MaxPool", 8) => node.Outputs.Count > 1,
        ("MaxPool", 12) => node.Input(0)?.ElementType is ElementType.UInt8 or ElementType.Int8,
        ("Constant", 11 or 12) => node.Attribute("value") is null,
        ("Clip", 12) => node.Input(0)?.ElementType != ElementType.Float,
        ("Attention", 24) => node.Input(6) is not null,

        // Before, one scale for everything; the axis of many has a default.
        ("QuantizeLinear" or "DequantizeLinear", 13) => original >= 13 && node.Input(1)?.Shape is not { Rank: 0 },

        // ONNX's own: version 1 is ONNX Runtime's.
        ("LayerNormalization", 17) => original >= 17,
        _ => false,
    };

    private static bool Holds<T>(Node node) => node.Inputs.Concat(node.Outputs).Any(v => v?.Type is T);

    /// <summary>Whether an input is absent, or a constant without a smaller element.</summary>
    private static bool IsConstantAtLeast(Value? value, long minimum) => value is null || (value.Integers() is { } numbers && numbers.All(n => n >= minimum));

    private static bool HasNegativeAxis(Node node) => node.IntAttribute("axis") < 0 || (node.IntsAttribute("axes") is { } axes && axes.Any(a => a < 0));

    /// <summary>
    /// Versions differ mostly in their types. The four types below are those that every version takes, integers with the
    /// exceptions above; a node with another type stays in the version of the original where that type may have come with it,
    /// one with an unknown type always.
    /// </summary>
    private static bool UsesTypes(Node node, int version)
    {
        foreach (Value? value in node.Inputs.Concat(node.Outputs))
        {
            if (value is null)
                continue;
            switch (ElementTypeOf(value.Type))
            {
                case ElementType.Float:
                    if (node.OpType == "Equal" && version <= 11)
                        return true;
                    break;
                case ElementType.Int64 or ElementType.Int32:
                    if (s_integersSince.TryGetValue(node.OpType, out int since) && version <= since)
                        return true;
                    break;
                case ElementType.Bool:
                    if (node.OpType is "ReduceMax" or "ReduceMin" || (node.OpType == "Flatten" && version <= 9) || (node.OpType == "Pad" && version <= 13))
                        return true;
                    break;
                default:
                    if (!IsOlder(ElementTypeOf(value.Type), node.OpType, version))
                        return true;
                    break;
            }
        }

        return false;
    }

    /// <summary>The type of the tensors that the value is or holds.</summary>
    private static ElementType ElementTypeOf(OnnxType? type) => type switch
    {
        TensorType tensor => tensor.ElementType,
        SequenceType sequence => ElementTypeOf(sequence.Element),
        OptionalType optional => ElementTypeOf(optional.Element),
        _ => ElementType.Undefined,
    };

    /// <summary>Whether every operator that took the type in this version did so before: from 19 on only narrow types came.</summary>
    private static bool IsOlder(ElementType type, string opType, int version) => type switch
    {
        ElementType.Undefined or ElementType.Int2 or ElementType.UInt2 => false,
        ElementType.Float16 or ElementType.Double or ElementType.Int8 or ElementType.UInt8 or ElementType.Int16 or ElementType.UInt16
            or ElementType.UInt32 or ElementType.UInt64 or ElementType.String =>
            version >= 25 || (version >= 19 && opType is not ("DequantizeLinear" or "Equal" or "IsInf" or "QLinearMatMul" or "QuantizeLinear")),
        _ => version >= 25,
    };
}
