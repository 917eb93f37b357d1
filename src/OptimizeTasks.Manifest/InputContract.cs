using System.Collections.Immutable;

namespace OptimizeTasks.Manifest;

/// <summary>What the user promised of an input, so that faster kernels may be used.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Promise">One of <see cref="RightPadded"/> and <see cref="Consecutive"/>.</param>
public sealed record InputContract(string Input, string Promise)
{
    /// <summary>
    /// Every row (last dimension) of a mask is ones followed by zeros, with a one at least. Behind a past
    /// (<see cref="Manifest.PastLength"/>) there are no zeros, and several rows take one more token each.
    /// </summary>
    public const string RightPadded = "right-padded";

    /// <summary>Every row (last dimension) of positions counts up by one, from the length of the past (<see cref="Manifest.PastLength"/>) on, or from 0.</summary>
    public const string Consecutive = "consecutive";

    /// <summary>Every promise that can be made.</summary>
    public static ImmutableArray<string> Promises { get; } = [RightPadded, Consecutive];

    /// <summary>Whether a promise can be made of an input of this type.</summary>
    /// <param name="promise">One of <see cref="Promises"/>.</param>
    /// <param name="type">The type.</param>
    public static bool CanBeOf(string promise, TypeSignature type)
    {
        if (type is not TensorSignature { Dimensions.Length: var rank, ElementType: var element })
            return false;
        bool isInteger = element is ElementType.Int64 or ElementType.Int32;
        return promise switch
        {
            RightPadded => rank == 2 && (isInteger || element is ElementType.Bool or ElementType.Float),
            Consecutive => rank is 1 or 2 && isInteger,
            _ => false,
        };
    }
}
