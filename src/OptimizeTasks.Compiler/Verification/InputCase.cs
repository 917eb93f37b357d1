namespace OptimizeTasks.Compiler.Verification;

/// <summary>One set of inputs to draw: sizes and values.</summary>
internal sealed record InputCase(SizeGoal Goal, InputKind Kind)
{
    /// <summary>Models with more symbols mostly name one size many times.</summary>
    private const int MostSingleOnes = 6;

    /// <summary>What is to be drawn for these inputs; every case after the first adds something that the ones before lack.</summary>
    public static IEnumerable<InputCase> Plan(IReadOnlyList<InputSpecification> inputs, SizePlan sizes)
    {
        var normal = new InputKind();
        // Where a mask is promised to be right-padded, several rows take several tokens only where nothing came before.
        bool oneRowBehindPast = sizes.HasPast && inputs.Any(i => i is { Role: InputRole.Mask, IsPromised: true });
        SizeGoal usual = oneRowBehindPast ? SizeGoal.Usual with { Past = 0 } : SizeGoal.Usual;
        if (oneRowBehindPast)
            yield return new InputCase(SizeGoal.Usual with { Batch = 1 }, normal);
        yield return new InputCase(usual, normal);
        yield return new InputCase(SizeGoal.Larger, normal with { Numbers = NumberKind.Uniform, Masks = MaskKind.RightPadded });
        yield return new InputCase(SizeGoal.Ones, normal);
        // Where not everything can be 1 at once, perhaps one at a time can.
        if (sizes.Symbols.Count is > 1 and <= MostSingleOnes)
        {
            foreach (string symbol in sizes.Symbols)
                yield return new InputCase(usual with { One = symbol }, normal);
        }

        if (sizes.HasPast)
            yield return new InputCase(SizeGoal.Step, normal);
        if (Has(inputs, InputRole.Mask))
            yield return new InputCase(usual, normal with { Masks = MaskKind.RightPadded });
        if (HasFree(inputs, InputRole.Mask))
        {
            yield return new InputCase(usual, normal with { Masks = MaskKind.LeftPadded });
            yield return new InputCase(usual, normal with { Masks = MaskKind.Scattered });
        }

        if (HasFree(inputs, InputRole.Position))
            yield return new InputCase(usual, normal with { Positions = PositionKind.Scattered });
        if (Has(inputs, InputRole.Image))
            yield return new InputCase(usual, normal with { Numbers = NumberKind.Smooth });
        if (inputs.Any(i => i.Choices.Length > 0 && i.Role == InputRole.Integer))
            yield return new InputCase(usual, normal with { OtherChoice = true });
    }

    /// <summary>The case in words, for instance <c>normal, mask left-padded, batch=2, sequence=7</c>.</summary>
    public string Describe(IReadOnlyList<InputSpecification> inputs, Sizing sizing)
    {
        var words = new List<string>();
        if (Has(inputs, InputRole.Real) || Has(inputs, InputRole.Image))
            words.Add(Kind.Numbers switch { NumberKind.Normal => "normal", NumberKind.Uniform => "uniform", _ => "smooth" });
        if (Has(inputs, InputRole.Index))
            words.Add("indices");
        if (Has(inputs, InputRole.Mask))
            words.Add("mask " + Kind.Masks switch { MaskKind.Ones => "ones", MaskKind.RightPadded => "right-padded", MaskKind.LeftPadded => "left-padded", _ => "scattered" });
        if (Has(inputs, InputRole.Position))
            words.Add(Kind.Positions == PositionKind.Consecutive ? "positions consecutive" : "positions scattered");
        if (Kind.OtherChoice)
            words.Add("other integers");
        words.AddRange(sizing.Symbols.Select(s => FormattableString.Invariant($"{s.Key}={s.Value}")));
        return string.Join(", ", words);
    }

    /// <summary>Whether there is one of which nothing was promised.</summary>
    private static bool HasFree(IReadOnlyList<InputSpecification> inputs, InputRole role) => inputs.Any(i => i.Role == role && !i.IsPromised);

    private static bool Has(IReadOnlyList<InputSpecification> inputs, InputRole role) => inputs.Any(i => i.Role == role);
}
