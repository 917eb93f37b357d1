using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inspection;

/// <summary>Types as ONNX's own tools write them.</summary>
internal static class TypeText
{
    /// <summary>For instance <c>float[batch, 3, 224, 224]</c>.</summary>
    public static string Of(OnnxType? type) => type switch
    {
        TensorType t => Of(t.ElementType) + Of(t.Shape),
        SparseTensorType t => $"sparse({Of(t.ElementType)}{Of(t.Shape)})",
        SequenceType t => $"seq({Of(t.Element)})",
        MapType t => $"map({Of(t.Key)}, {Of(t.Value)})",
        OptionalType t => $"optional({Of(t.Element)})",
        OpaqueType t => $"opaque({t.Domain}.{t.Name})",
        _ => "unknown",
    };

    private static string Of(ElementType type) => type.ToString().ToLowerInvariant();

    private static string Of(Shape? shape) => shape?.ToString() ?? "[...]";
}
