using System.Collections.Frozen;

namespace OptimizeTasks.Manifest;

/// <summary>The names of element types in ONNX's textual syntax.</summary>
public static class ElementTypeNames
{
    private static readonly FrozenDictionary<string, ElementType> s_types =
        Enum.GetValues<ElementType>().ToFrozenDictionary(OnnxName, type => type, StringComparer.Ordinal);

    /// <summary>For instance <c>float</c>, <c>int64</c>, <c>bfloat16</c>, <c>float8e4m3fn</c>.</summary>
    public static string OnnxName(this ElementType type) => type.ToString().ToLowerInvariant();

    /// <summary>The type of this name, if there is one.</summary>
    public static bool TryParse(string name, out ElementType type) => s_types.TryGetValue(name, out type);
}
