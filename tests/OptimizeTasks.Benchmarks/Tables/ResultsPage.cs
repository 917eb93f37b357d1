using OptimizeTasks.Benchmarks.Measuring;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>The measured part of docs/benchmarks.md.</summary>
internal static class ResultsPage
{
    private const string Begin = "<!-- measured: begin -->";
    private const string End = "<!-- measured: end -->";

    /// <summary>Every table under a headline of its own.</summary>
    public static void Write(TextWriter output, TableOptions options)
    {
        output.WriteLine($"Measured: {Machine.Describe()}.");
        output.WriteLine("\n## Compiling\n");
        CompileTable.Print(output, options);
        output.WriteLine("\n## Many bytes, many nodes\n");
        ScaleTable.Print(output, options);
        output.WriteLine("\n## Starting\n");
        StartTable.Print(output, options);
        output.WriteLine("\n## Running\n");
        RunTable.Print(output, options);
        output.WriteLine("\n## Quantising\n");
        QuantizationTable.Print(output, options);
        output.WriteLine("\n## Calling\n");
        CallTable.Print(output);
        output.WriteLine("\n## Building with nothing to do\n");
        BuildTable.Print(output);
    }

    /// <summary>Puts new results in the place of those that a page has.</summary>
    /// <exception cref="InvalidOperationException">The page does not say where they stand.</exception>
    public static void Replace(string path, string results)
    {
        string page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{path} has no {Begin} … {End}.");
        File.WriteAllText(path, $"{page[..(begin + Begin.Length)]}\n{results.Trim()}\n{page[end..]}");
    }
}
