using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// What it takes to load and to run a model: the original as ONNX Runtime does by itself, and the compiled one as its
/// manifest says, at every other level, and with its weights in the model. The ground of the compiler's rule for the level.
/// </summary>
internal static class StartTable
{
    /// <summary>From here on a protobuf file cannot hold the weights.</summary>
    private const long LargestInline = int.MaxValue;

    /// <summary>From here on one round has to do, and only the levels at both ends are shown.</summary>
    private const long Large = 1L << 30;

    private const int RunsPerRound = 10;
    private const int RunsOfLarge = 2;

    public static void Print(TextWriter output, TableOptions options)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One session in a process of its own, {options.Rounds} rounds in turn of one load, one first run and {RunsPerRound} further runs (one round of {RunsOfLarge} runs from 1 GiB on); a thread per core. Ratios are of the minima.\n"));
        output.WriteLine("| model | | load, ms | of the original | first run, ms | run, ms | of the original | peak, MB |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (string name in options.Models)
            Print(output, name, options.Rounds);
    }

    private static void Print(TextWriter output, string name, int rounds)
    {
        string model = Workspace.Model(name);
        string compiled = Workspace.File(name + ".compiled.onnx"), inline = Workspace.File(name + ".inline.onnx");
        bool large = Workspace.Length(model) > Large;
        Optimize(model, compiled);
        LoadOptimization level = Contender.Compiled("", compiled).Level;
        List<Contender> contenders =
        [
            new("original", model, LoadOptimization.All),
            new($"compiled, as its manifest says ({level})", compiled, level),
            .. Enum.GetValues<LoadOptimization>().Where(other => other != level && (!large || other == LoadOptimization.None)).Select(other => new Contender($"compiled, {other}", compiled, other)),
        ];
        if (Workspace.Length(compiled) < LargestInline)
        {
            Optimize(model, inline, "--external-data", "false");
            contenders.Add(new($"compiled, {level}, weights in the model", inline, level));
        }

        List<ModelMeasurement>[] runs = ModelRounds.Run(model, ImmutableSortedDictionary<string, long>.Empty, contenders, large ? 1 : rounds, large ? RunsOfLarge : RunsPerRound);
        for (int i = 0; i < contenders.Count; i++)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {(i == 0 ? name : "")} | {contenders[i].Label} | {Load(runs[i]):F0} | {Load(runs[i]) / Load(runs[0]):F2} | {runs[i].Min(m => m.FirstRunMilliseconds):F1} | {runs[i].Minimum():F1} | {runs[i].Minimum() / runs[0].Minimum():F2} | {runs[i].Max(m => m.PeakBytes) / 1e6:F0} |"));
        }

        Workspace.Delete(compiled);
        Workspace.Delete(inline);
    }

    private static void Optimize(string model, string result, params string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", .. options]);

    private static double Load(List<ModelMeasurement> runs) => runs.Min(m => m.LoadMilliseconds);
}
