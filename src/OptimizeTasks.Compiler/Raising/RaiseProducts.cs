using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Gives products of matrices what is added to them, and the shapes that they are made of.</summary>
internal sealed class RaiseProducts() : RulePass(new GemmSum(), new LinearOfRows());
