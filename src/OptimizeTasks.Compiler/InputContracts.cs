using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>Whether what a user promises of inputs can be promised of those that the model has.</summary>
internal static class InputContracts
{
    /// <summary>Checks promises against a model's inputs.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="contracts">The promises.</param>
    /// <param name="file">What the diagnostic names.</param>
    /// <exception cref="CompilationException">There is no such input, or it has not the type or rank; the diagnostic lists those that have.</exception>
    public static void Check(IReadOnlyList<ValueSignature> inputs, ImmutableArray<InputContract> contracts, string? file)
    {
        foreach (InputContract contract in contracts)
        {
            ValueSignature? input = inputs.FirstOrDefault(i => i.Name == contract.Input);
            if (input is not null && InputContract.CanBeOf(contract.Promise, input.Type))
                continue;
            string[] right = [.. inputs.Where(i => InputContract.CanBeOf(contract.Promise, i.Type)).Select(i => i.Name)];
            string what = input is null ? $"The model has no input '{contract.Input}'" : $"The input '{contract.Input}' is {input.Type}, which cannot be {contract.Promise}";
            throw new CompilationException(Diagnostics.ImpossibleContract.Create(
                $"{what}; {(right.Length == 0 ? "no input" : string.Join(", ", right))} can be {contract.Promise}", file));
        }
    }
}
