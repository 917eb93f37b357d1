using OptimizeTasks.Manifest;

namespace OptimizeTasks.Benchmarks.Measuring;

/// <summary>A model that is run beside others.</summary>
/// <param name="Label">What the table calls it.</param>
/// <param name="Path">Its file.</param>
/// <param name="Level">How much ONNX Runtime optimises it when it is loaded.</param>
internal sealed record Contender(string Label, string Path, LoadOptimization Level)
{
    /// <summary>A compiled model, loaded as its manifest says.</summary>
    public static Contender Compiled(string label, string path) => new(label, path, CompiledModel.ReadFile(CompiledModel.PathBeside(path)).Variants[0].LoadOptimization);
}
