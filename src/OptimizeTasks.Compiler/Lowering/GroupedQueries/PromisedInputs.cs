using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>The inputs of which something was promised.</summary>
internal static class PromisedInputs
{
    /// <summary>The first input of the model with this promise that fulfils a condition, or null.</summary>
    public static Value? PromisedInput(this Patch patch, string promise, Func<Value, bool> condition) =>
        patch.Graph.Root().Inputs.FirstOrDefault(i => patch.Options.Contracts.Promise(i, promise) && condition(i));

    /// <summary>Whether an input has this promise.</summary>
    public static bool Promise(this ImmutableArray<InputContract> contracts, Value input, string promise) => contracts.Any(c => c.Input == input.Name && c.Promise == promise);
}
