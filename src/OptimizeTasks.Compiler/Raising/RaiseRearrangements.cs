using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Names rearrangements of elements that exporters spelled out.</summary>
internal sealed class RaiseRearrangements() : RulePass(new DepthToSpace(), new SpaceToDepth());
