using System.Collections.Immutable;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>
/// Applies rules, from the outputs to the inputs, so that the longest formula is seen first. A node is offered to the rules
/// whose formulas can end in its operator; with formulas of bounded length that is linear in the graph.
/// </summary>
internal abstract class RulePass : Pass
{
    private readonly Dictionary<string, List<(Rule Rule, Pattern Formula)>> _byRoot = new(StringComparer.Ordinal);

    protected RulePass(params ImmutableArray<Rule> rules)
    {
        Rules = rules;
        foreach (Rule rule in rules)
        {
            foreach (Pattern formula in rule.Formulas)
            {
                foreach (string root in formula.Roots)
                {
                    if (!_byRoot.TryGetValue(root, out var entries))
                        _byRoot[root] = entries = [];
                    entries.Add((rule, formula));
                }
            }
        }
    }

    /// <summary>The rules, tried in this order at every node.</summary>
    public ImmutableArray<Rule> Rules { get; }

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        if (context.Facts is not { } facts)
            return 0;
        HashSet<Rule> usable = [.. Rules.Where(r => r.Result.Refuse(context.Model.Opset, context.Options) is null && !context.Options.DisabledPasses.Contains(r.Name, StringComparer.Ordinal))];
        var matching = new Matching();
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            bool sort = false;
            for (Node? node = current.Last; node is not null;)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                Node? next = node.Next;
                if (TryRules(node, usable, matching, facts, context) is { } patch)
                {
                    changes++;
                    sort |= patch.ReplacesInnerValues;
                    // The new nodes stand where the root stood; rules may see them too.
                    node = next is null ? current.Last : next.Previous;
                }
                else
                {
                    node = node.Previous;
                }
            }

            if (sort)
                current.Sort();
        }

        return changes;
    }

    private Patch? TryRules(Node node, HashSet<Rule> usable, Matching matching, ShapeFacts facts, PassContext context)
    {
        if (node.Domain.Length > 0 || node.Outputs is not [{ } output, ..] || !_byRoot.TryGetValue(node.OpType, out var candidates))
            return null;
        foreach ((Rule rule, Pattern formula) in candidates)
        {
            if (usable.Contains(rule) && TryRule(rule, formula, node, output, matching, facts, context) is { } patch)
                return patch;
        }

        return null;
    }

    private static Patch? TryRule(Rule rule, Pattern formula, Node node, Value output, Matching matching, ShapeFacts facts, PassContext context)
    {
        matching.Begin(node.Graph!);
        Patch? applied = null;
        bool Accept()
        {
            var match = new Match(node, matching);
            string? refusal = rule.Result.RefuseType(output.ElementType, context.Options) ?? rule.Result.RefuseGain(context.Options) ?? rule.Refuse(match) ?? match.OutsideUse(rule.Exposed(match));
            if (refusal is null)
            {
                var patch = new Patch(match, facts, context.Options);
                if (patch.TryCommit(rule.Put(match, patch)))
                {
                    context.NearMisses.Apply(rule, match);
                    applied = patch;
                    return true;
                }

                refusal = patch.Refusal!;
            }

            return matching.Refuse(output, "is not replaced: " + refusal);
        }

        if (!formula.Match(output, matching, Accept))
            context.NearMisses.Add(rule, node, matching.FurthestCount, matching.FurthestReason);
        return applied;
    }
}
