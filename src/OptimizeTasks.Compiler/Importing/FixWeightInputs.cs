using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Importing;

/// <summary>
/// Takes the weights off the list of inputs in files before IR version 4, where every initializer had to be an input too:
/// nobody meant it to be overridden, and ONNX Runtime does not let anybody.
/// </summary>
internal sealed class FixWeightInputs : Pass
{
    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Model.InitializersAreOverridable)
            return 0;
        Value[] weights = [.. graph.Inputs.Where(i => i.Initializer is not null)];
        graph.FixInputs(weights);
        context.Model.IrVersion = Math.Max(context.Model.IrVersion, IrVersions.Lowest);
        return weights.Length;
    }
}
