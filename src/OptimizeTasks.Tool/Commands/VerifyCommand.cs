using System.CommandLine;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Tool.Inputs;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>verify A B</c>: whether two models compute the same.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandContext context)
    {
        var original = new Argument<string>("A") { Description = "The ONNX file that is right." };
        var compiled = new Argument<string>("B") { Description = "The ONNX file that is compared with it." };
        var inputs = new Option<string>("--inputs") { Description = "An npz file with an array for every input; where it is not given, inputs of several kinds are drawn.", HelpName = "file" };
        var command = new Command("verify", "Runs two models on the same inputs and compares their outputs.") { original, compiled, inputs };
        var metadata = new MetadataOptions(command, ItemMetadata.All.Where(m => m.Name is MetadataNames.Tolerance or MetadataNames.Dimensions or MetadataNames.Contracts));
        command.SetAction(result =>
        {
            string compiledPath = result.GetRequiredValue(compiled);
            return Guard.Run(context, compiledPath, () =>
            {
                CompilerOptions settings = metadata.Settings(result, new ItemSettings()).Compiler;
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
