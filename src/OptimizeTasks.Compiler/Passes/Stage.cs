using System.Collections.Immutable;

namespace OptimizeTasks.Compiler.Passes;

/// <summary>Passes that run one after the other, and again while they change something, at most <paramref name="Rounds"/> times.</summary>
/// <param name="Phase">The phase that the passes belong to.</param>
/// <param name="Level">The level from which on they run.</param>
/// <param name="Rounds">How often they run at most.</param>
/// <param name="Passes">The passes in order.</param>
internal sealed record Stage(Phase Phase, OptimizationLevel Level, int Rounds, ImmutableArray<Pass> Passes)
{
    /// <summary>Whether what the passes do is the same whatever formats and kernels are wanted: it runs once for all variants of a model.</summary>
    public bool IsShared => Phase < Phase.Plan;
}
