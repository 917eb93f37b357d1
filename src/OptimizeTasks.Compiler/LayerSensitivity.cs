using System.Collections.Immutable;

namespace OptimizeTasks.Compiler;

/// <summary>What it does to a model when these nodes alone are quantised.</summary>
/// <param name="Nodes">The nodes, by the names that a <see cref="CompressionPlan"/> has for them.</param>
/// <param name="Format">The format of their weights.</param>
/// <param name="Error">The relative L2 error of the model's outputs.</param>
/// <param name="SavedMilliseconds">What a run is shorter by; negative where it is longer; null where the machine cannot time the provider.</param>
/// <param name="SavedBytes">What the weights are smaller by.</param>
public sealed record LayerSensitivity(ImmutableArray<string> Nodes, WeightFormat Format, double Error, double? SavedMilliseconds, long SavedBytes);
