namespace OptimizeTasks.CodeGeneration.Analysis;

/// <summary>A size that the maker of a state chooses.</summary>
/// <param name="Parameter">The parameter, not escaped.</param>
/// <param name="Default">The size without a choice: 0 for a dimension that grows, otherwise 1.</param>
/// <param name="Symbol">The dimension's name in the model, or null.</param>
internal sealed record StateSize(string Parameter, int Default, string? Symbol);
