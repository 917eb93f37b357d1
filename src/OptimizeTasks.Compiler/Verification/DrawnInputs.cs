using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Inputs for a model of which nobody gave any. Files say little of which these are, so the model is asked.</summary>
internal static class DrawnInputs
{
    /// <summary>Runs a model on what is drawn for it.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="options">What is drawn.</param>
    /// <param name="runner">Runs the model.</param>
    /// <param name="draw">Draws and runs; null where the model takes nothing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">
    /// The model does not load (<see cref="Diagnostics.ModelDoesNotLoad"/>), ends the process that runs it
    /// (<see cref="Diagnostics.RunnerFailed"/>), or takes nothing that was drawn (<see cref="Diagnostics.InvalidInputs"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static T Of<T>(string path, VerificationOptions options, IModelRunner runner, Func<ReferenceRuns, T?> draw, CancellationToken cancellationToken)
        where T : class
    {
        using Model model = ModelFiles.Read(path, cancellationToken: cancellationToken);
        try
        {
            IReadOnlyList<InputSpecification> inputs = InputRoles.Of(model.Graph, options.Contracts);
            using EmulatedModel? emulation = Precision.Has(model.Graph, ElementType.BFloat16) ? EmulatedModel.Of(path, cancellationToken) : null;
            using IModelSession session = runner.Load(emulation?.Path ?? path, SessionSettings.Unoptimized with { Threads = 0 }, options.Limits, cancellationToken);
            string[] outputs = [.. model.Graph.Outputs.Where(o => o.Type is null or TensorType).Select(o => o.Name).Distinct()];
            var draws = new ReferenceRuns(session, inputs, outputs, options, new VerificationTime(options.Limits));
            return draw(draws) ?? throw new CompilationException(Diagnostics.InvalidInputs.Create($"The model runs on none of the inputs that were drawn ({draws.LastRefusal})", path));
        }
        catch (NotSupportedException e)
        {
            throw new CompilationException(Diagnostics.InvalidInputs.Create($"No inputs can be drawn: {e.Message}", path), e);
        }
        catch (ModelRunException e)
        {
            throw e.ToCompilationException(path);
        }
    }
}
