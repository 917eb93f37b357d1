using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>One graph that was asked for, compiled and written.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Path">The file; that of an earlier variant where both came out equal.</param>
internal sealed record WrittenVariant(VariantRequest Request, CompilationResult Result, string Path);
