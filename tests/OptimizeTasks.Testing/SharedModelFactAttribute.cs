using Xunit;

namespace OptimizeTasks.Testing;

/// <summary>A test that needs <see cref="SharedModels"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedModelFactAttribute : FactAttribute
{
    /// <summary>Skips the test, with the reason, where there are no shared models.</summary>
    public SharedModelFactAttribute()
    {
        if (SharedModels.Root is null)
            Skip = "the shared models are not beside this clone (../shared/models, or OPTIMIZETASKS_MODELS)";
    }
}
