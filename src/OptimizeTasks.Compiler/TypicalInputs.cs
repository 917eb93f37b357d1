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
        using (Model model = ModelFiles.Read(path, cancellationToken: cancellationToken))
            CheckNames(sizes, model.Graph, path);
        ReferenceRun run = DrawnInputs.Of(path, new VerificationOptions { FixedDimensions = sizes }, runner, draws => draws.RunTypical(cancellationToken), cancellationToken);
        return new TypicalInputs(run.Inputs, run.Kind);
    }

    private static void CheckNames(ImmutableSortedDictionary<string, long> sizes, Graph graph, string path)
    {
        string[] known = [.. graph.Inputs.Concat(graph.Outputs).SelectMany(value => value.Shape ?? []).Select(size => size.ToString()).SelectMany(text => SizeExpression.Names(text).Prepend(text)).Distinct()];
        if (sizes.Keys.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new CompilationException(Diagnostics.UnknownDimension.Create($"The model has no dimension '{unknown}' ({string.Join(", ", known.Where(name => !long.TryParse(name, out _)))})", path));
    }
}
