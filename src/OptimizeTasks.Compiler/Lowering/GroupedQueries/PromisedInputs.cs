using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>The inputs of which something was promised.</summary>
internal static class PromisedInputs
{
    /// <summary>The first input of the model with this promise that fulfils a condition, or null.</summary>
    public static Value? PromisedInput(this Patch patch, string promise, Func<Value, bool> condition) =>
        patch.Graph.Root().Inputs.FirstOrDefault(i => patch.Options.Contracts.Any(c => c.Input == i.Name && c.Promise == promise) && condition(i));
}
