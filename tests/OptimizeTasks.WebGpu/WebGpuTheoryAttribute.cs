namespace OptimizeTasks.WebGpu;

/// <summary>A test with data that needs what <see cref="WebGpuFactAttribute"/> says.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WebGpuTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test as that does.</summary>
    public WebGpuTheoryAttribute() => Skip = new WebGpuFactAttribute().Skip;
}
