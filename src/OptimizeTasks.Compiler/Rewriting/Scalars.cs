using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Tensors of one number.</summary>
internal static class Scalars
{
    /// <summary>A scalar of a floating-point type.</summary>
    public static Tensor Create(ElementType type, double value) => type switch
    {
        ElementType.Float => Tensor.Create(type, [], [(float)value]),
        ElementType.Double => Tensor.Create(type, [], [value]),
        ElementType.Float16 => Tensor.Create(type, [], [(Half)value]),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no floating-point type that rules compute with"),
    };
}
