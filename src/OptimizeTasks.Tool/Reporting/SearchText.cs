using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Benchmarking;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>Writes what the search for a plan found for people.</summary>
internal static class SearchText
{
    public static void Write(PlanSearchResult search, TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant($"budget {BenchmarkText.Error(search.Budget)}, on {Printable.Text(search.Samples)}"));
        var table = new TextTable(1, 2, 3, 4);
        table.Add("plan", "nodes", "error", "ms", "size", "");
        foreach (PlanCandidate candidate in search.Candidates)
        {
            string verdict = candidate == search.Chosen ? "chosen" : candidate.Holds ? "" : "beyond the budget";
            table.Add(candidate.Name, candidate.QuantizedNodes.ToString(CultureInfo.InvariantCulture), BenchmarkText.Error(candidate.Error), Milliseconds(candidate), Printable.Bytes(candidate.Bytes), verdict);
        }

        table.Write(output);
    }

    private static string Milliseconds(PlanCandidate candidate) => candidate.Milliseconds is { } time ? BenchmarkText.Milliseconds(time) : "";
}
