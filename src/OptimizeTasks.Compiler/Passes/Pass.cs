using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Passes;

/// <summary>
/// One change of the graph that keeps its meaning. Deterministic, linear in the graph, and leaves a model that could be
/// written and run as it is.
/// </summary>
internal abstract class Pass
{
    /// <summary>The name that options and reports use.</summary>
    public string Name => GetType().Name;

    /// <summary>Runs over the main graph and the graphs inside.</summary>
    /// <returns>The number of changes; 0 means that nothing is different.</returns>
    public abstract int Run(Graph graph, PassContext context);
}
