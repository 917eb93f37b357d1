namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>RMSNormalization of a sum, which others may use as well. (ONNX Runtime calls that normalisation simplified.)</summary>
internal sealed class SkipSimplifiedLayerNormalization() : SkipNormalization("RMSNormalization", KernelTable.SkipSimplifiedLayerNormalization);
