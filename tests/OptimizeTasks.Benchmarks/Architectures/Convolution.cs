namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>The sizes of a convolution with a square kernel.</summary>
/// <param name="Inputs">The channels that it reads.</param>
/// <param name="Outputs">The channels that it writes.</param>
/// <param name="Kernel">The kernel's height and width.</param>
/// <param name="Stride">Rows and columns from one window to the next.</param>
/// <param name="Groups">The number of groups.</param>
/// <param name="Gain">How much larger its outputs are than its inputs, about.</param>
internal sealed record Convolution(long Inputs, long Outputs, long Kernel, long Stride = 1, long Groups = 1, float Gain = 1)
{
    /// <summary>Rows and columns of padding on each side.</summary>
    public long Padding { get; init; }
}
