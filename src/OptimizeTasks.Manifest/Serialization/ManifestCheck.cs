using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>What the layout of the text alone does not guarantee.</summary>
internal static class ManifestCheck
{
    public static void Check(CompiledModel model)
    {
        Require(model.Name is not null && model.SourceHash is not null && model.Signature is not null, "name, sourceHash and signature are required");
        Signature signature = model.Signature!;
        CheckValues(signature.Inputs, "input");
        CheckValues(signature.Outputs, "output");
        Require(signature.Description is not null, "the signature has no description");
        foreach (StatePair state in signature.States)
        {
            Require(signature.Inputs.Any(input => input.Name == state.Input), $"the state names the input '{state.Input}', which the signature lacks");
            Require(signature.Outputs.Any(output => output.Name == state.Output), $"the state names the output '{state.Output}', which the signature lacks");
        }

        foreach (InputContract contract in signature.Contracts)
            Require(signature.Inputs.Any(input => input.Name == contract.Input), $"the contract names the input '{contract.Input}', which the signature lacks");
        foreach (Variant variant in model.Variants)
            CheckVariant(variant);
        Require(model.Variants.Select(variant => variant.Name).Distinct(StringComparer.Ordinal).Count() == model.Variants.Length, "two variants have one name");
    }

    private static void CheckValues(ImmutableArray<ValueSignature> values, string kind)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueSignature value in values)
        {
            Require(value is { Name: not null } && IsComplete(value.Type), $"an {kind} has no name or type");
            Require(names.Add(value.Name), $"two {kind}s have the name '{value.Name}'");
        }
    }

    // Required members may still be null in the text.
    private static bool IsComplete(TypeSignature? type) => type switch
    {
        null => false,
        SequenceSignature sequence => IsComplete(sequence.Element),
        OptionalSignature optional => IsComplete(optional.Element),
        MapSignature map => IsComplete(map.Value),
        _ => true,
    };

    private static void CheckVariant(Variant variant)
    {
        Require(variant is { Name: not null, When: not null }, "a variant has no name or file");
        foreach (string file in variant.DataFiles.Prepend(variant.File))
            Require(StaysInFolder(file), $"the file '{file}' is not in the manifest's folder");
    }

    private static bool StaysInFolder(string? file) => !string.IsNullOrEmpty(file)
        && !file.Contains('\\', StringComparison.Ordinal) && !file.Contains(':', StringComparison.Ordinal)
        && file.Split('/').All(part => part is not ("" or "." or ".."));

    private static void Require([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
            throw new ManifestException($"the model manifest is damaged: {message}");
    }
}
