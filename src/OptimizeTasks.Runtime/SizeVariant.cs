using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime;

/// <summary>A graph of a model that runs the calls whose inputs have certain sizes.</summary>
/// <param name="Variant">The variant of the manifest: its condition says the sizes.</param>
/// <param name="Session">ONNX Runtime's session.</param>
/// <param name="Placement">Which provider runs what of it.</param>
public sealed record SizeVariant(Variant Variant, InferenceSession Session, Placement Placement);
