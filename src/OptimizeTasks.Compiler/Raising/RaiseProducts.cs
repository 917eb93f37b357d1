using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Gives products of matrices what is added to them.</summary>
internal sealed class RaiseProducts() : RulePass(new GemmSum());
