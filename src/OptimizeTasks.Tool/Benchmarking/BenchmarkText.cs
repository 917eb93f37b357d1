using System.Globalization;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Benchmarking;

/// <summary>Writes what a benchmark found for people.</summary>
internal static class BenchmarkText
{
    public static void Write(BenchmarkResult result, TextWriter output)
    {
        string threads = result.Threads == 0 ? "a thread per core" : Count(result.Threads, "thread");
        output.WriteLine($"{result.Provider}, {threads}, {Count(result.Rounds, "round")} of {Count(result.Runs, "run")}; inputs: {Printable.Text(result.Inputs)}");
        output.WriteLine();
        var table = new TextTable(2, 3, 4, 5, 6, 7, 8, 9);
        table.Add("model", "level", "load, ms", "first run", "minimum", "median", "95 %", "peak", "speed", "error");
        foreach (ContenderResult model in result.Models)
        {
            table.Add(
                model.Model,
                model.LoadOptimization,
                Milliseconds(model.Load.Minimum),
                Milliseconds(model.FirstRun.Minimum),
                Milliseconds(model.Run.Minimum),
                Milliseconds(model.Run.Median),
                Milliseconds(model.Run.Percentile95),
                Printable.Bytes(model.PeakBytes),
                FormattableString.Invariant($"{model.Speedup:0.00} ×"),
                Error(model.Error));
        }

        table.Write(output);
    }

    /// <summary>A time in three digits.</summary>
    public static string Milliseconds(double time) =>
        time.ToString(time switch { >= 100 => "0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.000" }, CultureInfo.InvariantCulture);

    /// <summary>An error in two digits; nothing where there is none.</summary>
    public static string Error(double? error) => error switch
    {
        null => "",
        0 => "0",
        double.PositiveInfinity => "differs",
        { } value => value.ToString("0.0e-0", CultureInfo.InvariantCulture),
    };

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
