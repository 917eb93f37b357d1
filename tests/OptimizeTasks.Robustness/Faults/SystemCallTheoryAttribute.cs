namespace OptimizeTasks.Robustness.Faults;

/// <summary>A theory that needs <see cref="SystemCalls"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemCallTheoryAttribute : TheoryAttribute
{
    public SystemCallTheoryAttribute()
    {
        if (!SystemCalls.IsSupported)
            Skip = "system calls are watched on Linux, on x64";
    }
}
