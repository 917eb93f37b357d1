namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Gelu(x + bias), by erf.</summary>
internal sealed class BiasGelu() : BiasedGelu("none", KernelTable.BiasGelu);
