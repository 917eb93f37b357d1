using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Tool.Benchmarking;
using OptimizeTasks.Tool.Inputs;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>bench A [B…]</c>: how fast models start and run, side by side.</summary>
internal static class BenchCommand
{
    private const int DefaultRounds = 5;
    private const int DefaultRuns = 20;

    public static Command Create(CommandContext context)
    {
        var models = new Argument<string[]>("MODEL") { Description = "ONNX files or manifests (.model.json); the others are compared with the first.", Arity = ArgumentArity.OneOrMore };
        var inputs = new Option<string>("--inputs") { Description = "An npz file with an array for every input; where it is not given, inputs are drawn.", HelpName = "file" };
        Option<int> rounds = Number("--rounds", "How often each model is loaded.", DefaultRounds, least: 1);
        Option<int> runs = Number("--runs", "How often each is run in a round, after its first run.", DefaultRuns, least: 1);
        Option<int> threads = Number("--threads", "Threads inside an operator; 0 for one per core.", 0, least: 0);
        var provider = new Option<string>("--provider") { Description = $"The execution provider: {ProviderList.Names}.", HelpName = "name", DefaultValueFactory = _ => "Cpu" };
        Option<string> format = FormatOption.Create();
        var command = new Command("bench", "Measures models: loading, running, memory, and the error against the first.") { models, inputs, rounds, runs, threads, provider, format };
        var metadata = new MetadataOptions(command, ItemMetadata.All.Where(m => m.Name == MetadataNames.Dimensions));
        command.SetAction(result => Guard.Run(context, result.GetRequiredValue(models)[0], () =>
        {
            BenchmarkResult found = Run(
                context,
                result.GetRequiredValue(models),
                result.GetValue(inputs),
                metadata.Settings(result, new ItemSettings()).Compiler.FixedDimensions,
                new SessionSettings { Provider = ProviderOf(result.GetRequiredValue(provider)), Threads = result.GetValue(threads) },
                result.GetValue(rounds),
                result.GetValue(runs));
            if (result.GetValue(format) == FormatOption.Json)
                context.Output.WriteLine(JsonSerializer.Serialize(found, BenchmarkJson.Default.BenchmarkResult));
            else
                BenchmarkText.Write(found, context.Output);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static BenchmarkResult Run(
        CommandContext context, string[] paths, string? inputsFile, ImmutableSortedDictionary<string, long> sizes, SessionSettings settings, int rounds, int runs)
    {
        Contender[] contenders = [.. paths.Select(path => Contender.Of(path, settings, context.CancellationToken))];
        var progress = new ProgressDisplay(context.Log);
        return progress.Run(() =>
        {
            progress.Report(new CompilationProgress("Drawing inputs", 0));
            WorkerCommand worker = WorkerCommand.Self("worker");
            TypicalInputs inputs = Inputs(contenders[0], inputsFile, sizes, worker, context.CancellationToken);
            return new BenchmarkResult
            {
                Inputs = inputs.Description,
                Provider = settings.Provider,
                Threads = settings.Threads,
                Rounds = rounds,
                Runs = runs,
                Models = new Benchmark(new ModelMeter(worker), progress).Run(contenders, inputs.Values, rounds, runs, context.CancellationToken),
            };
        });
    }

    private static TypicalInputs Inputs(Contender contender, string? file, ImmutableSortedDictionary<string, long> sizes, WorkerCommand worker, CancellationToken cancellationToken)
    {
        if (file is not null)
            return new TypicalInputs(GivenInputs.Read(file, contender.File), Path.GetFileName(file));
        // Ends before anything is measured.
        using var runner = new OnnxRuntimeRunner(worker);
        return TypicalInputs.Draw(contender.File, sizes, runner, cancellationToken);
    }

    private static string ProviderOf(string name) => ProviderList.Parse(name) is [var provider]
        ? provider
        : throw new CompilationException(Diagnostics.InvalidMetadataValue.Create($"provider is '{name}'; it can be one of {ProviderList.Names}"));

    private static Option<int> Number(string name, string description, int usual, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "number", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (!result.Tokens.All(token => int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= 1_000_000))
                result.AddError($"{name} takes a number from {least} to 1000000.");
        });
        return option;
    }
}
