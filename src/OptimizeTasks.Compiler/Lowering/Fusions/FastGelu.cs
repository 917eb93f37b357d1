namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>Gelu(x + bias), by tanh.</summary>
internal sealed class FastGelu() : BiasedGelu("tanh", KernelTable.FastGelu);
