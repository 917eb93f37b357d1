using System.Collections.Immutable;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Inputs such as a call typically has, for measuring: a batch of 1, sequences of 128, pictures of 224 × 224 where the
/// model leaves sizes open and the user does not say them. The same model and sizes give the same inputs.
/// </summary>
/// <param name="Values">A tensor for every input that a caller must give.</param>
/// <param name="Description">What was drawn, for instance <c>indices, mask ones, batch=1, sequence=128</c>.</param>
public sealed record TypicalInputs(IReadOnlyDictionary<string, Tensor> Values, string Description)
{
    /// <summary>Draws inputs that the model takes: files say little of which these are, so the model is asked.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="sizes">Sizes of symbolic dimensions that are given: symbol → size.</param>
    /// <param name="runner">Runs the model.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">
    /// The model does not load (<see cref="Diagnostics.ModelDoesNotLoad"/>), or takes nothing that was drawn
    /// (<see cref="Diagnostics.InvalidInputs"/>); or it has no dimension of a given name (<see cref="Diagnostics.UnknownDimension"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static TypicalInputs Draw(string path, ImmutableSortedDictionary<string, long> sizes, IModelRunner runner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runner);
        using Model model = ModelFiles.Read(path, cancellationToken: cancellationToken);
        CheckNames(sizes, model.Graph, path);
        var options = new VerificationOptions { FixedDimensions = sizes };
        try
        {
            IReadOnlyList<InputSpecification> inputs = InputRoles.Of(model.Graph);
            using IModelSession session = runner.Load(path, SessionSettings.Unoptimized with { Threads = 0 }, options.Limits, cancellationToken);
            string[] outputs = [.. model.Graph.Outputs.Where(o => o.Type is null or TensorType).Select(o => o.Name).Distinct()];
            var draws = new ReferenceRuns(session, inputs, outputs, options, new VerificationTime(options.Limits));
            return draws.RunTypical(cancellationToken) is { } run
                ? new TypicalInputs(run.Inputs, run.Kind)
                : throw new CompilationException(Diagnostics.InvalidInputs.Create($"The model runs on none of the inputs that were drawn ({draws.LastRefusal})", path));
        }
        catch (NotSupportedException e)
        {
            throw new CompilationException(Diagnostics.InvalidInputs.Create($"No inputs can be drawn: {e.Message}", path), e);
        }
        catch (ModelRunException e)
        {
            DiagnosticDescriptor kind = e.Fault == ModelRunFault.Load ? Diagnostics.ModelDoesNotLoad : Diagnostics.RunnerFailed;
            throw new CompilationException(kind.Create(e.Message, path), e);
        }
    }

    private static void CheckNames(ImmutableSortedDictionary<string, long> sizes, Graph graph, string path)
    {
        string[] known = [.. graph.Inputs.Concat(graph.Outputs).SelectMany(value => value.Shape ?? []).Select(size => size.ToString()).SelectMany(text => SizeExpression.Names(text).Prepend(text)).Distinct()];
        if (sizes.Keys.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new CompilationException(Diagnostics.UnknownDimension.Create($"The model has no dimension '{unknown}' ({string.Join(", ", known.Where(name => !long.TryParse(name, out _)))})", path));
    }
}
