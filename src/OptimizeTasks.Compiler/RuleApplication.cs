using System.Collections.Immutable;

namespace OptimizeTasks.Compiler;

/// <summary>One place where a rule applied.</summary>
/// <param name="Node">The node that computed what was replaced.</param>
/// <param name="Nodes">The nodes that fitted the rule's formula, each with its operator, those before the others first.</param>
public sealed record RuleApplication(string Node, ImmutableArray<string> Nodes);
