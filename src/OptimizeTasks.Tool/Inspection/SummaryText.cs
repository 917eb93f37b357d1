using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Inspection;

/// <summary>Writes a summary for people.</summary>
internal static class SummaryText
{
    /// <summary>Writes all that the summary says; sections without content are left out.</summary>
    public static void Write(ModelSummary summary, TextWriter output)
    {
        var facts = new TextTable();
        facts.Add("file", $"{summary.File} ({Printable.Bytes(summary.FileBytes)})");
        facts.Add("graph", summary.GraphName ?? "(no name)");
        facts.Add("producer", string.Join(' ', summary.ProducerName ?? "(unknown)", summary.ProducerVersion).Trim());
        facts.Add("opsets", string.Join(", ", summary.Opsets.Select(o => $"{o.Key} {o.Value}")) + $" (IR version {summary.IrVersion})");
        facts.Add("nodes", Printable.Count(summary.Nodes) + (summary.Subgraphs > 0 ? $" in the graph and {summary.Subgraphs} subgraphs" : ""));
        facts.Add("parameters", $"{Printable.Count(summary.Parameters)} in {Printable.Count(summary.Weights)} weights ({Printable.Bytes(summary.WeightBytes)})");
        if (summary.SymbolicDimensions.Count > 0)
            facts.Add("dimensions", string.Join(", ", summary.SymbolicDimensions));
        facts.Write(output);

        Section(output, "Inputs", summary.Inputs, new TextTable(), v => [v.Name, v.Type, v.HasDefault ? "optional" : ""]);
        Section(output, "Outputs", summary.Outputs, new TextTable(), v => [v.Name, v.Type]);
        Section(output, "Operators", summary.Operators, new TextTable(0), o => [Printable.Count(o.Count), o.Operator]);
        Section(output, "Functions", summary.Functions, new TextTable(0), f => [Printable.Count(f.Nodes), f.Name]);
        Section(output, "Largest weights", summary.LargestWeights, new TextTable(0), w => [Printable.Bytes(w.Bytes), w.Type, w.Name]);
        Section(output, "Metadata", [.. summary.Metadata], new TextTable(), m => [m.Key, m.Value]);
    }

    private static void Section<T>(TextWriter output, string title, IReadOnlyCollection<T> items, TextTable table, Func<T, string[]> row)
    {
        if (items.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(title);
        foreach (T item in items)
            table.Add(row(item));
        table.Write(output);
    }
}
