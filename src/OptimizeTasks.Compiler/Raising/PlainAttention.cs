using OptimizeTasks.Compiler.Rewriting.Patterns;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>An Attention without a past, which gives nothing but its result.</summary>
internal static class PlainAttention
{
    public static Pattern Of(Pattern queries, Pattern keys, Pattern values) =>
        Op("Attention", n => n.Input(4) is null && n.Outputs.Count == 1 ? null : "has a past", queries, keys, values);
}
