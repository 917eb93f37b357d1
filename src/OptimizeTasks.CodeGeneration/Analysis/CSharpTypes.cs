using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Analysis;

/// <summary>The C# types of elements.</summary>
internal static class CSharpTypes
{
    /// <summary>The type, or null where C# has none (4-bit integers, 8-bit floats, complex numbers).</summary>
    public static string? Of(ElementType type) => type switch
    {
        ElementType.Float => "float",
        ElementType.UInt8 => "byte",
        ElementType.Int8 => "sbyte",
        ElementType.UInt16 => "ushort",
        ElementType.Int16 => "short",
        ElementType.Int32 => "int",
        ElementType.Int64 => "long",
        ElementType.String => "string",
        ElementType.Bool => "bool",
        ElementType.Float16 => "global::System.Half",
        ElementType.Double => "double",
        ElementType.UInt32 => "uint",
        ElementType.UInt64 => "ulong",
        ElementType.BFloat16 => "global::Microsoft.ML.OnnxRuntime.BFloat16",
        _ => null,
    };
}
