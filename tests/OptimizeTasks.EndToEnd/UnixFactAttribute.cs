namespace OptimizeTasks.EndToEnd;

/// <summary>A test that needs named pipes in the file system, signals and <c>/proc</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs mkfifo and /proc";
    }
}
