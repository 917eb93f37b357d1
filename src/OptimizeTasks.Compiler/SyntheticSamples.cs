using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// Samples that are drawn where nobody gave any: of the kinds and sizes that verification compares models on, so that
/// contracts and fixed dimensions hold. The same model, options and seed give the same samples.
/// </summary>
public sealed class SyntheticSamples : ISampleSource
{
    /// <summary>How many samples there are where nobody says it.</summary>
    public const int DefaultCount = 16;

    /// <summary>Inputs and outputs of all runs that find out what the model takes.</summary>
    private const long BytesOfTrials = 256 << 20;

    /// <summary>More than there are kinds, which start one after the other.</summary>
    private const int SeedsOfRound = 64;

    private readonly Func<int, IReadOnlyDictionary<string, Tensor>>[] _kinds;
    private readonly int _seed;
    private readonly int _count;

    private SyntheticSamples(Func<int, IReadOnlyDictionary<string, Tensor>>[] kinds, int seed, int count)
    {
        _kinds = kinds;
        _seed = seed;
        _count = count;
    }

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"{_count} samples that were drawn");

    /// <inheritdoc/>
    public bool IsSynthetic => true;

    /// <summary>Finds out which inputs a model takes, by running it.</summary>
    /// <param name="model">The model. Where it was read from a file, the file is asked.</param>
    /// <param name="options">Fixed dimensions and contracts.</param>
    /// <param name="runner">Runs the model.</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="seed">Where the drawing starts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">
    /// The model does not load (<see cref="Diagnostics.ModelDoesNotLoad"/>), ends the process that runs it
    /// (<see cref="Diagnostics.RunnerFailed"/>), or takes nothing that was drawn (<see cref="Diagnostics.InvalidInputs"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static SyntheticSamples Of(
        Model model, CompilerOptions options, IModelRunner runner, int count = DefaultCount, int seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (model.FilePaths is [var file, ..])
            return Of(file, options, runner, count, seed, cancellationToken);

        string folder = Directory.CreateTempSubdirectory("OptimizeTasks-samples-").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            ModelWriter.Write(model, path, cancellationToken: cancellationToken);
            return Of(path, options, runner, count, seed, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int kind = i % _kinds.Length;
            yield return new Sample(_kinds[kind](_seed + kind + (i / _kinds.Length * SeedsOfRound)));
        }
    }

    private static SyntheticSamples Of(string path, CompilerOptions options, IModelRunner runner, int count, int seed, CancellationToken cancellationToken)
    {
        var draw = new VerificationOptions { FixedDimensions = options.FixedDimensions, Contracts = options.Contracts, Seed = seed, MemoryBytes = BytesOfTrials };
        IReadOnlyList<ReferenceRun> runs = DrawnInputs.Of(path, draw, runner, draws => draws.Run(cancellationToken) is { Count: > 0 } found ? found : null, cancellationToken);
        return new SyntheticSamples([.. runs.Select(run => run.Redraw!)], seed, count);
    }
}
