namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>How a layer's bias starts out: all alike layers that start at zero share one.</summary>
internal enum Bias
{
    Random,
    Zero,
}
