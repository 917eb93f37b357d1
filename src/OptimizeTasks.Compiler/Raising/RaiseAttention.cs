using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>Names attention that exporters spelled out, with the rotations, the past and the repeated heads that belong to it.</summary>
internal sealed class RaiseAttention() : RulePass(new ScaledDotProductAttention(), new BatchedAttention(), new RepeatedHeads(), new PastKeysAndValues(), new PartialRotary(), new RotaryEmbedding(), new InterleavedRotary());
