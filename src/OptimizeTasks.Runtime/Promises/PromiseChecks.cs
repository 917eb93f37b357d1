using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Promises;

/// <summary>What was promised of a model's inputs. Made once per model.</summary>
internal sealed class PromiseChecks(ModelContract contract)
{
    private readonly (int Input, PromiseCheck Check)[] _checks =
        Array.ConvertAll(contract.Promises, p => (p.Input, new PromiseCheck(contract.Inputs[p.Input], p.Promise)));

    /// <summary>Whether nothing was promised.</summary>
    public bool IsEmpty => _checks.Length == 0;

    /// <summary>Checks the inputs of one call.</summary>
    /// <exception cref="ArgumentException">A promise is broken.</exception>
    public unsafe void CheckAll<T>(T inputs)
        where T : IInputMemory
    {
        nint past = contract.Past is { } place && inputs.Shape(place.Input) is { IsEmpty: false } shape ? shape[place.Axis] : 0;
        foreach ((int input, PromiseCheck check) in _checks)
        {
            // One that was left out has the model's own value.
            if (inputs.Shape(input) is { IsEmpty: false } dimensions)
                check.Check(inputs.Data(input), dimensions, past);
        }
    }
}
