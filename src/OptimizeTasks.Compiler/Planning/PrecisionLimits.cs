namespace OptimizeTasks.Compiler.Planning;

/// <summary>What a precision cannot go with.</summary>
internal static class PrecisionLimits
{
    /// <summary>Why the options contradict themselves; null where they do not.</summary>
    public static string? Refuse(CompilerOptions options)
    {
        if (options.Precision is not { } precision)
            return null;
        if (options.Optimization != OptimizationLevel.Full)
            return $"Precision is {precision}, and Optimization is {options.Optimization}: only operators that were fused keep their digits";
        if (options.Quantization != QuantizationMode.None || options.Plan is not null)
            return $"Precision is {precision}, and weights are to be quantised: both at once are not available yet";
        return precision == ComputePrecision.BFloat16 && options.Providers.FirstOrDefault(p => p is not ("Cuda" or "TensorRt")) is { } other
            ? $"Precision is BFloat16, and {other} has no kernels for it"
            : null;
    }

    /// <summary>Whether 16 bits are slower than 32 where the model will run.</summary>
    public static bool IsSlow(CompilerOptions options) => options.Precision == ComputePrecision.Float16 && FormatSupport.IsForCpuAlone(options);
}
