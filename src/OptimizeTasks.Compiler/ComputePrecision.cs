namespace OptimizeTasks.Compiler;

/// <summary>The floating-point type that a model computes in, where the provider has kernels for it and the values allow it.</summary>
public enum ComputePrecision
{
    /// <summary>Single precision: for models in half precision or bfloat16 that are to run where these are slow.</summary>
    Float32,

    /// <summary>Half precision: for graphics processors.</summary>
    Float16,

    /// <summary>Half as many bits with the range of single precision: for graphics processors that have it.</summary>
    BFloat16,
}
