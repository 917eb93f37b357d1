namespace OptimizeTasks.Compiler;

/// <summary>A node that computes in the type that it has in the model, though <see cref="CompilerOptions.Precision"/> asks for another.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Why">The reason.</param>
public sealed record UnconvertedNode(string Node, string Operator, string Why);
