using OptimizeTasks.Compiler.Lowering.Expansions;
using OptimizeTasks.Compiler.Rewriting.Patterns;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>Takes standard operators apart that somebody who will run the model has no kernel for.</summary>
internal sealed class ExpandOperators() : RulePass(
    new AttentionExpansion(), new RotaryEmbeddingExpansion(), new RmsNormalizationExpansion(), new LayerNormalizationExpansion(), new GroupNormalizationExpansion(),
    new GeluExpansion(), new SwishExpansion(), new MishExpansion(), new HardSwishExpansion());
