namespace OptimizeTasks.Robustness.Faults;

/// <summary>A test that needs <see cref="SystemCalls"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemCallFactAttribute : FactAttribute
{
    public SystemCallFactAttribute()
    {
        if (!SystemCalls.IsSupported)
            Skip = "system calls are watched on Linux, on x64";
    }
}
