using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Names normalisations that exporters spelled out.</summary>
internal sealed class RaiseNormalization() : RulePass(new LayerNormalization(), new RmsNormalization(), new GroupNormalization());
