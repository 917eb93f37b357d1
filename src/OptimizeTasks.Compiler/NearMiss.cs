namespace OptimizeTasks.Compiler;

/// <summary>Where a rule nearly applied, and what was in the way.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Node">The node that computes what the rule would have replaced.</param>
/// <param name="MatchedNodes">How many nodes fitted the rule's formula.</param>
/// <param name="Reason">What did not fit, with the value's name.</param>
public sealed record NearMiss(string Rule, string Node, int MatchedNodes, string Reason);
