using System.Globalization;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Comparison;

/// <summary>Writes for people what differs between two models.</summary>
internal static class DifferenceText
{
    /// <summary>Rows of one list; JSON has all.</summary>
    private const int MostRows = 20;

    /// <summary>Letters of one cell: a model's names may be of any length.</summary>
    private const int MostLetters = 80;

    public static void Write(ModelDifference difference, TextWriter output)
    {
        var sizes = new TextTable(1, 3);
        sizes.Add("bytes", Printable.Count(difference.Bytes.A), "→", Printable.Count(difference.Bytes.B));
        sizes.Add("nodes", Printable.Count(difference.NodeCount.A), "→", Printable.Count(difference.NodeCount.B));
        sizes.Add("initializers", Printable.Count(difference.InitializerCount.A), "→", Printable.Count(difference.InitializerCount.B));
        sizes.Add("bytes of them", Printable.Count(difference.WeightBytes.A), "→", Printable.Count(difference.WeightBytes.B));
        sizes.Write(output);

        Section(output, "Inputs and outputs", difference.Interface, new TextTable(), v => [v.Kind, v.Name, v.A ?? "(none)", "→", v.B ?? "(none)"]);
        Section(output, "Operator sets", difference.Opsets, new TextTable(1, 3), o => [o.Name, Number(o.A), "→", Number(o.B)]);
        Section(output, "Operators", [.. difference.Operators.OrderByDescending(o => Math.Abs(o.B - o.A))], new TextTable(1, 3, 4), o => [o.Name, Number(o.A), "→", Number(o.B), (o.B - o.A).ToString("+0;-0", CultureInfo.InvariantCulture)], int.MaxValue);
        Section(output, "Nodes that are gone", difference.Nodes.Removed, new TextTable(), n => [n.Description, n.Name]);
        Section(output, "Nodes that are new", difference.Nodes.Added, new TextTable(), n => [n.Description, n.Name]);
        Section(output, "Nodes that differ", difference.Nodes.Changed, new TextTable(), Change);
        Section(output, "Initializers that are gone", difference.Initializers.Removed, new TextTable(0), Weight);
        Section(output, "Initializers that are new", difference.Initializers.Added, new TextTable(0), Weight);
        Section(output, "Initializers that differ", difference.Initializers.Changed, new TextTable(), Change);
        if (difference.IsEmpty)
            output.WriteLine("\nNo difference");
    }

    private static string[] Change(ItemChange change) => [change.Name, change.What, change.A, "→", change.B];

    private static string[] Weight(Item weight) => [Printable.Bytes(weight.Bytes), weight.Description, weight.Name];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Section<T>(TextWriter output, string title, IReadOnlyList<T> items, TextTable table, Func<T, string[]> row, int most = MostRows)
    {
        if (items.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"{title} ({Printable.Count(items.Count)})");
        foreach (T item in items.Take(most))
            table.Add(Array.ConvertAll(row(item), Short));
        table.Write(output);
        if (items.Count > most)
            output.WriteLine("  …");
    }

    private static string Short(string text) => text.Length <= MostLetters ? text : text[..(MostLetters - 1)] + "…";
}
