using OptimizeTasks.CodeGeneration.Analysis;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>The field that says what the class was written for.</summary>
internal static class ContractText
{
    private const string Calling = "global::OptimizeTasks.Runtime.Calling";
    private const string Manifest = "global::OptimizeTasks.Manifest";

    public static string Of(ClassModel model) => $$"""
        private static readonly {{Calling}}.ModelContract s_contract = new()
        {
            ClassName = {{Text.Literal(model.Options.ClassName)}},
            RuntimeContract = {{RuntimeContract.Version}},
            SignatureHash = {{Text.Literal(model.Signature.Hash)}},
            TargetPath = {{Text.Literal(model.Options.TargetPath)}},
            Providers = {{Text.Literal(model.Options.Providers)}},
            Inputs =
            [
                {{Text.Lines(model.Inputs.Select(value => Value(value, value.Argument) + ","), 2)}}
            ],
            Outputs =
            [
                {{Text.Lines(model.Outputs.Select(value => Value(value, value.Argument) + ","), 2)}}
            ],{{States(model)}}{{Promises(model)}}
        };
        """;

    private static string States(ClassModel model) => model.States.IsEmpty
        ? ""
        : $"\n    States = [{string.Join(", ", model.States.Select(state => $"({IndexOf(model.Inputs, state.Input)}, {IndexOf(model.Outputs, state.Output)})"))}],";

    private static string Promises(ClassModel model)
    {
        if (model.Signature.Contracts.IsEmpty)
            return "";
        string promises = string.Join(", ", model.Signature.Contracts.Select(contract => $"({IndexOf(model.Inputs, contract.Input)}, {Text.Literal(contract.Promise)})"));
        string past = PastLength.Find(model.Signature.Inputs) is { } place ? FormattableString.Invariant($"\n    Past = new {Manifest}.PastLength({place.Input}, {place.Axis}),") : "";
        return $"\n    Promises = [{promises}],{past}";
    }

    private static int IndexOf(IEnumerable<ClassValue> values, string name) => values.First(value => value.Signature.Name == name).Index;

    private static string Value(ClassValue value, string member)
    {
        string names = $"{Text.Literal(value.Signature.Name)}, {Text.Literal(member.TrimStart('@'))}";
        string text = value.Signature.Type switch
        {
            TensorSignature { Dimensions: { } dimensions } tensor => $"OfTensor({names}, {Manifest}.ElementType.{tensor.ElementType}{string.Concat(dimensions.Select(Dimension))})",
            TensorSignature tensor => $"OfAnyRank({names}, {Manifest}.ElementType.{tensor.ElementType})",
            _ => $"OfOther({names})",
        };
        return $"{Calling}.ValueContract.{text}{(value.IsOptional ? ".WithDefault()" : "")}";
    }

    private static string Dimension(DimensionSignature dimension) => ", " + (dimension switch
    {
        { Size: not null } => dimension.ToString(),
        { Symbol: { } symbol } => Text.Literal(symbol),
        _ => $"{Manifest}.DimensionSignature.Unknown",
    });
}
