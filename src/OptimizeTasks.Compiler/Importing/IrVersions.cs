namespace OptimizeTasks.Compiler.Importing;

/// <summary>The versions of the file format that came with operator sets (ONNX's <c>Versioning.md</c>).</summary>
internal static class IrVersions
{
    /// <summary>The first version with initializers that are no inputs, and the lowest that is written.</summary>
    public const int Lowest = 4;

    /// <summary>The version of the release that brought the operator set.</summary>
    public static int Of(long opset) => opset switch
    {
        <= 9 => Lowest,
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };
}
