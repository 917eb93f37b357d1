using System.Collections.Immutable;

namespace OptimizeTasks.Compiler;

/// <summary>What one rule did to a model, and where it nearly did something.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Applications">Where it applied, in the order in which it did.</param>
/// <param name="NearMisses">The places where it came furthest without applying, the closest first.</param>
public sealed record RuleExplanation(string Rule, ImmutableArray<RuleApplication> Applications, ImmutableArray<NearMiss> NearMisses);
