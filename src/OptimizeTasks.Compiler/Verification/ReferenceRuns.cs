using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// Draws inputs for the original and runs it. Files say little about which inputs make sense: an input that the original
/// refuses is drawn again with another guess, and one that it never takes is not counted.
/// </summary>
/// <param name="session">The original.</param>
/// <param name="inputs">Its inputs.</param>
/// <param name="outputs">The outputs to fetch.</param>
/// <param name="options">What is drawn, and how much.</param>
/// <param name="time">What is left of the time.</param>
internal sealed class ReferenceRuns(IModelSession session, IReadOnlyList<InputSpecification> inputs, IReadOnlyCollection<string> outputs, VerificationOptions options, VerificationTime time)
{
    /// <summary>Guesses for one set of inputs. A refusal is mostly quick, but a model that refuses everything shall not take minutes.</summary>
    private const int MostGuesses = 200;

    /// <summary>Bytes of all inputs together that a guess may lead to, unless nothing smaller is possible: more would take too long.</summary>
    private const long MostBytesGuessed = 32 << 20;

    private readonly SizePlan _sizes = new(inputs, options.FixedDimensions);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly long _start = Stopwatch.GetTimestamp();
    private Guess? _accepted;

    /// <summary>The bytes of the inputs and outputs that are kept.</summary>
    private long _kept;

    /// <summary>Whether the original was run, and answered.</summary>
    private bool _wasRun;

    /// <summary>What the original said to the last input that it refused, or null.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>Why inputs are missing that other models of this kind are run on, or null.</summary>
    public string? LeftOut { get; private set; }

    /// <summary>All runs together may take as long as one, so that many slow ones hold nobody up.</summary>
    private TimeSpan Left => options.Limits.Time - Stopwatch.GetElapsedTime(_start);

    private bool IsOver => options.Limits.Time >= TimeSpan.Zero && Left <= TimeSpan.Zero;

    /// <exception cref="ModelRunException">The original hangs, or ends the process.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public IReadOnlyList<ReferenceRun> Run(CancellationToken cancellationToken)
    {
        var runs = new List<ReferenceRun>();
        int number = 0;
        foreach (InputCase inputCase in InputCase.Plan(inputs, _sizes))
        {
            if (runs.Count > 0 && IsOver)
            {
                LeftOut = TooSlow(runs.Count);
                break;
            }

            int seed = options.Seed + number++;
            // A length that the original refuses need not keep the batch from being another.
            try
            {
                ReferenceRun? run = Run(inputCase, seed, cancellationToken)
                    ?? (runs.Count > 0 ? Run(inputCase with { Goal = inputCase.Goal with { Length = LengthGoal.Usual } }, seed, cancellationToken) : null);
                if (run is not null)
                    runs.Add(run);
                else if (runs.Count == 0 && _wasRun)
                    break;
            }
            catch (ModelRunException e) when (e.Fault == ModelRunFault.TimeLimit && runs.Count > 0)
            {
                LeftOut = TooSlow(runs.Count);
                break;
            }
        }

        return runs;
    }

    /// <summary>One run on the inputs that a call typically has; null where the original refuses every guess.</summary>
    /// <exception cref="ModelRunException">The original hangs, or ends the process.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public ReferenceRun? RunTypical(CancellationToken cancellationToken) =>
        Run(new InputCase(SizeGoal.Typical, new InputKind()), options.Seed, cancellationToken);

    private ReferenceRun? Run(InputCase inputCase, int seed, CancellationToken cancellationToken)
    {
        foreach (Guess guess in Guesses(inputCase).Take(MostGuesses))
        {
            if (_wasRun && IsOver)
                return null;
            Sizing sizing = _sizes.Sizes(inputCase.Goal, guess.Sizes);
            long? bytes = sizing.CountBytes(inputs);
            if (!(bytes <= MostBytes()))
            {
                LastRefusal ??= TooLarge(bytes);
                continue;
            }

            if (!RightPadding.Allows(inputs, sizing))
                continue;
            string description = inputCase.Describe(inputs, sizing);
            if (_seen.Contains(description))
                return null;
            IReadOnlyDictionary<string, Tensor> drawn = Draw(seed);
            try
            {
                RunLimits limits = Limits(bytes.Value);
                var run = new ReferenceRun(description, sizing.Symbols, drawn, session.Run(drawn, outputs, limits, cancellationToken)) { Redraw = Draw };
                _wasRun = true;
                _seen.Add(description);
                _accepted ??= guess;
                _kept += run.Inputs.Values.Concat(run.Outputs.Values).Sum(t => t.ByteLength);
                return run;
            }
            catch (ModelRunException e) when (e.Fault is ModelRunFault.Run or ModelRunFault.ByteLimit)
            {
                LastRefusal = e.Message;
                _wasRun = true;
            }
            catch (ModelRunException e) when (e.Fault == ModelRunFault.TimeLimit && _accepted is null && _wasRun)
            {
                // A guess that leads to much work is no fault of the model. The session has ended with it.
                LastRefusal = e.Message;
                return null;
            }

            IReadOnlyDictionary<string, Tensor> Draw(int start) => new InputDrawing(start, inputCase.Kind, guess.Integers, sizing).Draw(inputs);
        }

        return null;
    }

    /// <summary>What a set of inputs may take.</summary>
    private long MostBytes()
    {
        long left = Math.Min(options.MemoryBytes - _kept, Array.MaxLength);
        if (_sizes.Symbols.Count == 0)
            return left;
        long smallest = _sizes.Sizes(SizeGoal.Ones, _sizes.Variants.First()).CountBytes(inputs) ?? 0;
        return Math.Min(left, Math.Max(MostBytesGuessed, smallest));
    }

    /// <summary>Until the original ran once nobody knows how long it takes, or how much it puts out.</summary>
    private RunLimits Limits(long inputBytes)
    {
        RunLimits limits = _wasRun ? time.Within(Left) : time.Limits;
        return _kept == 0 ? limits : limits with { OutputBytes = Math.Min(limits.OutputBytes, options.MemoryBytes - _kept - inputBytes) };
    }

    private static string TooSlow(int runs) => $"Only {runs} of the sets of inputs were compared: the others take too long";

    private string TooLarge(long? bytes) => "its inputs are too large" + (bytes is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $": {bytes / 1e9:0.0} GB, and what is drawn may take {options.MemoryBytes / 1e9:0.0} GB"));

    /// <summary>Once a guess was right it is kept, but for the values that choose another part of the model.</summary>
    private IEnumerable<Guess> Guesses(InputCase inputCase)
    {
        if (_accepted is not null)
            yield return _accepted;
        if (_accepted is not null && !inputCase.Kind.OtherChoice)
            yield break;
        bool unknownIntegers = inputs.Any(i => i.Role == InputRole.Integer && i.Choices.Length == 0);
        foreach (SizeVariant variant in _sizes.Variants)
        {
            foreach (IntegerKind integers in unknownIntegers ? Enum.GetValues<IntegerKind>() : [IntegerKind.Small])
                yield return new Guess(variant, integers);
        }
    }

    private sealed record Guess(SizeVariant Sizes, IntegerKind Integers);
}
