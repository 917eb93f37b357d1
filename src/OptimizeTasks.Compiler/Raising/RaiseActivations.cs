using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Names activation functions that exporters spelled out.</summary>
internal sealed class RaiseActivations() : RulePass(new Gelu(), new Swish(), new HardSwish(), new Mish(), new Softmax(), new LogSoftmax());
