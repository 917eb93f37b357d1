using OptimizeTasks.Testing;

namespace OptimizeTasks.WebGpu;

/// <summary>A test that needs the shared models and an adapter that Vulkan can find.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WebGpuFactAttribute : FactAttribute
{
    /// <summary>Skips the test, with the reason, where nobody named an adapter: to look for one may end the process.</summary>
    public WebGpuFactAttribute()
    {
        if (SharedModels.Root is null)
            Skip = "the shared models are not beside this clone (../shared/models, or OPTIMIZETASKS_MODELS)";
        else if (!File.Exists(Environment.GetEnvironmentVariable("VK_ICD_FILENAMES")))
            Skip = "no Vulkan driver is named (VK_ICD_FILENAMES): build/webgpu-lane.sh fetches SwiftShader and runs these tests";
    }
}
