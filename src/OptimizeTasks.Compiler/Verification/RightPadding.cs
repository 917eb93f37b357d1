using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// What follows from the promise that a mask is right-padded (<see cref="InputContract.RightPadded"/>): which sizes go together,
/// and what outputs have at places that nobody may use.
/// </summary>
internal static class RightPadding
{
    /// <summary>Whether inputs of these sizes can keep the promise: behind a past, several rows take one token each.</summary>
    public static bool Allows(IReadOnlyList<InputSpecification> inputs, Sizing sizing) =>
        sizing.Past == 0 || inputs.All(i => i is not { Role: InputRole.Mask, IsPromised: true }
            || (sizing.ShapeOf(i) is [var rows, var length] && (rows <= 1 || length - sizing.Past <= 1)));

    /// <summary>
    /// The runs with zeros at the masked places of their outputs. An output has such places if its first size is the mask's
    /// rows, and another one is, in every run with padding, the mask's length.
    /// </summary>
    /// <param name="runs">Runs of the original.</param>
    /// <param name="options">What was promised.</param>
    public static IReadOnlyList<ReferenceRun> Clear(IReadOnlyList<ReferenceRun> runs, VerificationOptions options)
    {
        string[] masks = [.. options.Contracts.Where(c => c.Promise == InputContract.RightPadded).Select(c => c.Input)];
        foreach (string mask in masks)
        {
            IReadOnlyList<ReferenceRun> before = runs;
            Dictionary<string, int> axes = before[0].Outputs.Keys.Select(name => (name, Axis: AxisOf(before, mask, name))).Where(p => p.Axis > 0).ToDictionary(p => p.name, p => p.Axis);
            runs = [.. before.Select(run => PaddedPlaces.Of(run.Inputs[mask], axes) is { IsEmpty: false } places ? run.Without(places) : run)];
        }

        return runs;
    }

    /// <summary>The axis of an output that is as long as the mask in every run with padding; −1 where there is none.</summary>
    private static int AxisOf(IReadOnlyList<ReferenceRun> runs, string mask, string output)
    {
        for (int axis = 1; axis < runs[0].Outputs[output].Rank; axis++)
        {
            if (runs.All(run => run.Inputs[mask].Dimensions is [var rows, var length] && run.Outputs[output].Dimensions is { Length: var rank } sizes
                && rank > axis && sizes[0] == rows && (sizes[axis] == length || HasNoPadding(run.Inputs[mask]))))
                return axis;
        }

        return -1;
    }

    /// <summary>Behind a past an output may be as long as what was added: nothing is masked there.</summary>
    private static bool HasNoPadding(Tensor mask) => PaddedPlaces.LengthsOf(mask).All(length => length == mask.Dimensions[1]);
}
