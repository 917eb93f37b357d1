using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Runs the original.</summary>
internal sealed class OriginalRuns(IModelRunner runner, string path, Model model, VerificationOptions options, VerificationTime time)
{
    /// <summary>The runs; none where nothing can be compared.</summary>
    /// <param name="notes">Receives what cannot be compared and why.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    /// <exception cref="CompilationException">The original does not load, hangs, or ends the process that runs it.</exception>
    public IReadOnlyList<ReferenceRun> Run(ICollection<string> notes, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> outputs = ComparableOutputs.Of(model.Graph, notes);
        if (outputs.Count == 0)
            return [];
        try
        {
            SessionSettings settings = SessionSettings.Unoptimized with { Threads = options.CompiledSettings.Threads, CustomOpLibraries = options.CustomOpLibraries };
            using EmulatedModel? emulation = Precision.Has(model.Graph, ElementType.BFloat16) ? EmulatedModel.Of(path, cancellationToken) : null;
            using IModelSession session = runner.Load(emulation?.Path ?? path, settings, time.Limits, cancellationToken);
            IReadOnlyList<ReferenceRun> runs = options.Inputs.IsEmpty ? Draw(session, outputs, notes, cancellationToken) : Given(session, outputs, cancellationToken);
            if (runs.Count > 0)
                runs = RightPadding.Clear(runs, options);
            foreach (string output in runs.Count == 0 ? [] : ComparableOutputs.WithoutNumbers(runs))
                notes.Add($"The original gave no finite number for '{output}': its comparison says nothing");
            return runs;
        }
        catch (ModelRunException e) when (e.Fault == ModelRunFault.Load && CustomOperators.Find(model) is { } custom)
        {
            notes.Add($"The model uses {custom}, which ONNX Runtime does not know; the library that implements it can be named in CustomOpLibraries");
            return [];
        }
        catch (ModelRunException e)
        {
            throw e.ToCompilationException(path);
        }
    }

    private IReadOnlyList<ReferenceRun> Draw(IModelSession session, IReadOnlyList<string> outputs, ICollection<string> notes, CancellationToken cancellationToken)
    {
        IReadOnlyList<InputSpecification> inputs;
        try
        {
            inputs = InputRoles.Of(model.Graph, options.Contracts);
        }
        catch (NotSupportedException e)
        {
            notes.Add($"The models were not compared: {e.Message}");
            return [];
        }

        var draws = new ReferenceRuns(session, inputs, outputs, options, time);
        IReadOnlyList<ReferenceRun> runs = draws.Run(cancellationToken);
        if (runs.Count == 0)
            notes.Add($"The models were not compared: the original runs on none of the inputs that were drawn{(draws.LastRefusal is { } refusal ? $" ({refusal})" : "")}");
        if (draws.LeftOut is { } leftOut)
            notes.Add(leftOut);
        return runs;
    }

    /// <summary>Inputs that the user gave are not guesses: a refusal is an error.</summary>
    private ReferenceRun[] Given(IModelSession session, IReadOnlyList<string> outputs, CancellationToken cancellationToken) =>
    [
        .. options.Inputs.Select((inputs, i) => new ReferenceRun(
            FormattableString.Invariant($"given {i + 1}"), ImmutableSortedDictionary<string, long>.Empty, inputs, session.Run(inputs, outputs, time.Limits, cancellationToken))),
    ];
}
