using Xunit;

namespace OptimizeTasks.Testing;

/// <summary>A theory that needs <see cref="SharedModels"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedModelTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the theory, with the reason, where there are no shared models.</summary>
    public SharedModelTheoryAttribute()
    {
        if (SharedModels.Root is null)
            Skip = "the shared models are not beside this clone (../shared/models, or OPTIMIZETASKS_MODELS)";
    }
}
