using System.Collections.Immutable;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Runs compiled models on the inputs of the original, and compares.</summary>
/// <param name="runner">Runs the models.</param>
/// <param name="ties">Looks at outputs that pick another one of several equal elements.</param>
/// <param name="magnitudes">The ε of each output.</param>
/// <param name="tolerance">The greatest error that is accepted.</param>
/// <param name="options">How models are loaded.</param>
/// <param name="time">What is left of the time.</param>
/// <param name="cancellationToken">Ends the runs.</param>
internal sealed class CompiledRuns(IModelRunner runner, Ties ties, IReadOnlyDictionary<string, double> magnitudes, double tolerance, VerificationOptions options, VerificationTime time, CancellationToken cancellationToken)
{
    /// <summary>Whether models that compute in bfloat16 are emulated.</summary>
    public bool Emulates { get; init; }

    /// <summary>The comparisons, one for each run of the original; fewer where the compiled model does not run.</summary>
    /// <param name="compiled">The model file.</param>
    /// <param name="optimization">How much the runtime optimises it at load.</param>
    /// <param name="originals">The runs of the original.</param>
    public ImmutableArray<VerifiedInput> Compare(string compiled, LoadOptimization optimization, IReadOnlyList<ReferenceRun> originals)
    {
        var verified = ImmutableArray.CreateBuilder<VerifiedInput>();
        try
        {
            SessionSettings settings = options.CompiledSettings with { Optimization = optimization, CustomOpLibraries = options.CustomOpLibraries };
            using EmulatedModel? emulation = Emulates ? EmulatedModel.Of(compiled, cancellationToken) : null;
            using IModelSession session = runner.Load(emulation?.Path ?? compiled, settings, time.Limits, cancellationToken);
            foreach (ReferenceRun original in originals)
                verified.Add(Compare(session, original));
        }
        catch (ModelRunException e)
        {
            string how = $"the compiled model does not {(e.Fault == ModelRunFault.Load ? "load" : "run")}: {e.Message}";
            ReferenceRun failed = originals[verified.Count];
            verified.Add(new VerifiedInput(failed.Kind, failed.Sizes, [.. failed.Outputs.Keys.Select(name => OutputComparer.Disagree(name, tolerance, how))]));
        }

        return verified.ToImmutable();
    }

    private VerifiedInput Compare(IModelSession session, ReferenceRun original)
    {
        var actual = session.Run(original.Inputs, [.. original.Outputs.Keys], time.Limits, cancellationToken);
        var outputs = ImmutableArray.CreateBuilder<OutputComparison>(actual.Count);
        foreach ((string name, Tensor expected) in original.Outputs)
        {
            Tensor given = original.Clear(name, actual[name]);
            OutputComparison comparison = OutputComparer.Compare(name, expected, given, tolerance, magnitudes[name]);
            outputs.Add(comparison.Agrees ? comparison : ties.Explain(comparison, original, given));
        }

        return new VerifiedInput(original.Kind, original.Sizes, outputs.ToImmutable());
    }
}
