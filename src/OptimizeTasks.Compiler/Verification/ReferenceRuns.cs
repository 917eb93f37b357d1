using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// Draws inputs for the original and runs it. Files say little about which inputs make sense: an input that the original
/// refuses is drawn again with another guess, and one that it never takes is not counted.
/// </summary>
internal sealed class ReferenceRuns(IModelSession session, IReadOnlyList<InputSpecification> inputs, IReadOnlyCollection<string> outputs, VerificationOptions options)
{
    /// <summary>Guesses for one set of inputs. A refusal is mostly quick, but a model that refuses everything shall not take minutes.</summary>
    private const int MostGuesses = 200;

    /// <summary>Elements of all inputs together that a guess may lead to: more would take too long.</summary>
    private const long MostElementsGuessed = 1 << 23;

    /// <summary>Elements of all inputs together where the model fixes them: more would take too much memory.</summary>
    private const long MostElementsFixed = 1 << 27;

    private readonly SizePlan _sizes = new(inputs, options.FixedDimensions);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private Guess? _accepted;

    /// <summary>What the original said to the last input that it refused, or null.</summary>
    public string? LastRefusal { get; private set; }

    /// <exception cref="ModelRunException">The original hangs, or ends the process.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public IReadOnlyList<ReferenceRun> Run(CancellationToken cancellationToken)
    {
        var runs = new List<ReferenceRun>();
        int number = 0;
        foreach (InputCase inputCase in InputCase.Plan(inputs, _sizes))
        {
            int seed = options.Seed + number++;
            // A length that the original refuses need not keep the batch from being another.
            ReferenceRun? run = Run(inputCase, seed, cancellationToken)
                ?? (runs.Count > 0 ? Run(inputCase with { Goal = inputCase.Goal with { Length = LengthGoal.Usual } }, seed, cancellationToken) : null);
            if (run is not null)
                runs.Add(run);
            else if (runs.Count == 0)
                break;
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
            Sizing sizing = _sizes.Sizes(inputCase.Goal, guess.Sizes);
            if (!(sizing.CountElements(inputs) <= (_sizes.Symbols.Count > 0 ? MostElementsGuessed : MostElementsFixed)))
            {
                LastRefusal ??= "its inputs are too large";
                continue;
            }

            string description = inputCase.Describe(inputs, sizing);
            if (_seen.Contains(description))
                return null;
            IReadOnlyDictionary<string, Tensor> drawn = new InputDrawing(seed, inputCase.Kind, guess.Integers, sizing).Draw(inputs);
            try
            {
                var run = new ReferenceRun(description, sizing.Symbols, drawn, session.Run(drawn, outputs, options.Limits, cancellationToken));
                _seen.Add(description);
                _accepted ??= guess;
                return run;
            }
            catch (ModelRunException e) when (e.Fault is ModelRunFault.Run or ModelRunFault.ByteLimit)
            {
                LastRefusal = e.Message;
            }
        }

        return null;
    }

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
