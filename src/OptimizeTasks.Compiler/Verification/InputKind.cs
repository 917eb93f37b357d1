namespace OptimizeTasks.Compiler.Verification;

/// <summary>How the values of one set of inputs are drawn.</summary>
/// <param name="Numbers">Real numbers.</param>
/// <param name="Masks">Masks.</param>
/// <param name="Positions">Positions.</param>
/// <param name="OtherChoice">Whether inputs that the model compares with constants are equal to none of them.</param>
internal sealed record InputKind(
    NumberKind Numbers = NumberKind.Normal, MaskKind Masks = MaskKind.Ones, PositionKind Positions = PositionKind.Consecutive, bool OtherChoice = false);

internal enum NumberKind
{
    /// <summary>Mean 0, variance 1.</summary>
    Normal,

    /// <summary>From 0 to 1.</summary>
    Uniform,

    /// <summary>Smooth from 0 to 1, with a little noise, as pictures are.</summary>
    Smooth,
}

internal enum MaskKind
{
    /// <summary>Nothing is masked.</summary>
    Ones,

    /// <summary>The ends of the rows are masked.</summary>
    RightPadded,

    /// <summary>The beginnings of the rows are masked.</summary>
    LeftPadded,

    /// <summary>Single elements are masked.</summary>
    Scattered,
}

internal enum PositionKind
{
    /// <summary>Counting up by one.</summary>
    Consecutive,

    /// <summary>In any order.</summary>
    Scattered,
}
