using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>LayerNormalization of a sum, which others may use as well.</summary>
internal sealed class SkipLayerNormalization() : SkipNormalization("LayerNormalization", KernelTable.SkipLayerNormalization)
{
    /// <inheritdoc/>
    protected override ImmutableArray<Value?> Parameters(Node normalization) => [normalization.Input(2)];
}
