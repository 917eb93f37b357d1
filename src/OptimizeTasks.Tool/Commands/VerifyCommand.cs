using System.CommandLine;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Compilation;
using OptimizeTasks.Tool.Inputs;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;
using OptimizeTasks.Tool.Samples;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>verify A B</c>: whether two models compute the same.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandContext context)
    {
        var original = new Argument<string>("A") { Description = "The ONNX file that is right." };
        var compiled = new Argument<string>("B") { Description = "The ONNX file that is compared with it." };
        var inputs = new Option<string>("--inputs") { Description = "An npz file with an array for every input; where it is not given, inputs of several kinds are drawn.", HelpName = "file" };
        var data = new Option<string>("--data") { Description = "Samples (.npz, .npy, .jsonl, a folder or a pattern, or a class in a .dll; several separated by ;) on which --metric is measured.", HelpName = "files" };
        var command = new Command("verify", "Runs two models on the same inputs and compares their outputs.") { original, compiled, inputs, data };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is not null && result.GetResult(inputs) is not null)
                result.AddError("--data and --inputs cannot go together.");
        });
        var metadata = new MetadataOptions(command, ItemMetadata.All.Where(m => m.Name is MetadataNames.Tolerance or MetadataNames.Dimensions or MetadataNames.Contracts
            or MetadataNames.Metric or MetadataNames.Label or MetadataNames.AccuracyBudget));
        command.SetAction(result =>
        {
            string compiledPath = result.GetRequiredValue(compiled);
            return Guard.Run(context, compiledPath, () =>
            {
                ItemSettings item = metadata.Settings(result, new ItemSettings());
                CompilerOptions settings = item.Compiler;
                if (result.GetValue(data) is { } files)
                    return Measure(context, result.GetRequiredValue(original), compiledPath, item with { CalibrationData = [.. ItemMetadata.List(files)] });
                var options = new VerificationOptions
                {
                    Tolerance = settings.Tolerance ?? VerificationOptions.DefaultTolerance,
                    FixedDimensions = settings.FixedDimensions,
                    Contracts = settings.Contracts,
                    Inputs = result.GetValue(inputs) is { } file ? [GivenInputs.Read(file, result.GetRequiredValue(original))] : [],
                };
                return Run(context, result.GetRequiredValue(original), compiledPath, options);
            });
        });
        return command;
    }

    private static int Run(CommandContext context, string original, string compiled, VerificationOptions options)
    {
        var progress = new ProgressDisplay(context.Log);
        VerificationResult result = progress.Run(() =>
        {
            progress.Report(new CompilationProgress("Running both models", 0.5));
            // Before anything is run: a file that cannot be read is named as the user named it.
            ModelFiles.Read(original).Dispose();
            ModelFiles.Read(compiled).Dispose();
            using var runner = new OnnxRuntimeRunner(WorkerCommand.Self("worker"));
            return new Verifier(runner).Verify(original, compiled, options, cancellationToken: context.CancellationToken);
        });
        foreach (Diagnostic warning in result.Warnings)
            context.Log.Report(warning);
        Write(result, context.Output);
        if (result.Failure is { } failure)
            context.Log.Report(failure with { File = compiled });
        return result.Outcome == VerificationOutcome.Passed ? ExitCodes.Success : ExitCodes.Failure;
    }

    /// <summary>What a metric says of both models.</summary>
    private static int Measure(CommandContext context, string original, string compiled, ItemSettings settings)
    {
        var progress = new ProgressDisplay(context.Log);
        MetricResult measured = progress.Run(() =>
        {
            progress.Report(new CompilationProgress("Running both models", 0.5));
            using SampleFiles files = SampleFiles.Find(settings.CalibrationData) ?? throw new CompilationException(Diagnostics.NoSamples.Create("--data names nothing"));
            Signature signature;
            using (Model model = ModelFiles.Read(original, cancellationToken: context.CancellationToken))
                signature = ModelSignature.Of(model, settings.Compiler, original);
            ISampleSource samples = files.Open(signature, settings.Label, original, context.CancellationToken);
            using var runner = new OnnxRuntimeRunner(WorkerCommand.Self("worker"));
            return new MetricMeter(runner).Measure(settings.Compiler.Metric ?? Metric.RelativeL2, original, compiled, samples, cancellationToken: context.CancellationToken);
        });
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{MetricText.Of(measured)} on {Printable.Text(measured.Samples)}: a loss of {Number(measured.Loss)}"));
        if (settings.Compiler.AccuracyBudget is not { } budget || measured.Loss <= budget)
            return ExitCodes.Success;
        context.Log.Report(AccuracyLoss.Exceeded(measured, budget) with { File = compiled });
        return ExitCodes.Failure;
    }

    /// <summary>A line for every output, with the inputs on which it differs most.</summary>
    private static void Write(VerificationResult result, TextWriter output)
    {
        var table = new TextTable(1, 2);
        table.Add("output", "error", "difference", "", "on");
        foreach (IGrouping<string, (string Kind, OutputComparison Comparison)> pairs in result.Inputs
            .SelectMany(i => i.Outputs.Select(o => (i.Kind, Comparison: o)))
            .GroupBy(p => p.Comparison.Output))
        {
            (string kind, OutputComparison worst) = pairs.MaxBy(p => p.Comparison.Disagreement is null ? p.Comparison.Error / p.Comparison.Tolerance : double.PositiveInfinity);
            table.Add(worst.Output, Number(worst.Error), Number(worst.MaximumDifference), worst.Agrees ? "agrees" : worst.Disagreement ?? "differs", kind);
        }

        table.Write(output);
        output.WriteLine(FormattableString.Invariant($"{result.Inputs.Length} {(result.Inputs.Length == 1 ? "set" : "sets")} of inputs: {result.Outcome.ToString().ToLowerInvariant()}"));
    }

    private static string Number(double value) => value == 0 ? "0" : value.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
