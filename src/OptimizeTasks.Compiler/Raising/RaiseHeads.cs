using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Takes the splitting and joining of heads into the Attention between them.</summary>
internal sealed class RaiseHeads() : RulePass(new SplitHeads());
