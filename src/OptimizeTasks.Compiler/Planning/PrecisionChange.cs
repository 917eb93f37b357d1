using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>From which types values are converted, and to which.</summary>
/// <param name="To">The type that the model is to compute in.</param>
internal sealed record PrecisionChange(ElementType To)
{
    /// <summary>Finite numbers from here on stand for infinity: masks have them.</summary>
    public const float Huge = 1e9f;

    /// <summary>What the options ask for; null where the model keeps its types.</summary>
    public static PrecisionChange? Of(CompilerOptions options) => options.Precision switch
    {
        ComputePrecision.Float32 => new(ElementType.Float),
        ComputePrecision.Float16 => new(ElementType.Float16),
        ComputePrecision.BFloat16 => new(ElementType.BFloat16),
        _ => null,
    };

    /// <summary>Whether numbers lose digits.</summary>
    public bool Narrows => To != ElementType.Float;

    /// <summary>The greatest finite number.</summary>
    public float Greatest => To == ElementType.Float16 ? (float)Half.MaxValue : To == ElementType.BFloat16 ? 3.3895314e38f : float.MaxValue;

    /// <summary>What stands for <see cref="Huge"/> numbers: as good as infinite to Softmax, and far enough from the end for a sum with any score.</summary>
    public float HugeStandIn => To == ElementType.Float16 ? 32768 : 1e30f;

    /// <summary>Half the distance of neighbouring numbers around 1.</summary>
    public double Roundoff => To == ElementType.Float16 ? Math.Pow(2, -11) : To == ElementType.BFloat16 ? Math.Pow(2, -8) : 0;

    /// <summary>Whether values of this type are converted.</summary>
    public bool IsSource(ElementType type) => Narrows ? type == ElementType.Float : type is ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Whether the value is converted where its nodes are.</summary>
    public bool IsSource(Value? value) => value is not null && IsSource(value.ElementType);
}
