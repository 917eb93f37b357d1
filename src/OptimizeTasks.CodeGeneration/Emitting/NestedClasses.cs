using OptimizeTasks.CodeGeneration.Analysis;
using OptimizeTasks.CodeGeneration.Naming;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>The classes of results and of states.</summary>
internal static class NestedClasses
{
    private const string Tensors = "global::System.Numerics.Tensors";
    private const string Collections = "global::System.Collections.Generic";

    public static string Outputs(ClassModel model) => $$"""
        /// <summary>The outputs of one run. They own their memory: spans of them are valid until they are disposed of.</summary>
        public sealed class Outputs : global::OptimizeTasks.Runtime.Calling.ModelOutputs
        {
            internal Outputs(global::OptimizeTasks.Runtime.Calling.OutputValues values)
                : base(values)
            {
            }{{string.Concat(model.Outputs.Select(output => "\n\n    " + Property(output)))}}
        }
        """;

    public static string State(ClassModel model) => $$"""
        /// <summary>The state between runs: zeros at first, then what the last run left. For one caller at a time.</summary>
        public sealed class RecurrentState : global::OptimizeTasks.Runtime.Calling.ModelState
        {
            internal RecurrentState(global::OptimizeTasks.Runtime.OptimizedModel model, params nint[][] dimensions)
                : base(model, dimensions)
            {
            }{{string.Concat(model.States.Select((state, index) => "\n\n    " + Part(model.Inputs.Single(input => input.Signature.Name == state.Input), index)))}}
        }
        """;

    public static string NewState(ClassModel model)
    {
        StateSize[] sizes = [.. model.StateSizes.SelectMany(part => part).OfType<StateSize>().Distinct()];
        string documentation = string.Concat(sizes.Select(size =>
            $"\n/// <param name=\"{size.Parameter}\">{(size.Symbol is null ? "A size that the model does not name." : $"The size of <c>{Text.Xml(size.Symbol)}</c>.")}</param>"));
        string parameters = string.Join(", ", sizes.Select(size => $"nint {Identifiers.Escape(size.Parameter)} = {size.Default}"));
        IEnumerable<string> shapes = model.States.Select((state, index) => $"[{string.Join(", ", Dimensions(model, state, index))}]");
        return $$"""
            /// <summary>A state of zeros, for the overloads of <c>Run</c> that take one.</summary>{{documentation}}
            public RecurrentState NewState({{parameters}}) => new(this{{string.Concat(shapes.Select(shape => ", " + shape))}});
            """;
    }

    private static IEnumerable<string> Dimensions(ClassModel model, StatePair state, int index)
    {
        var dimensions = ((TensorSignature)model.Inputs.Single(input => input.Signature.Name == state.Input).Signature.Type).Dimensions!.Value;
        return dimensions.Select((dimension, number) => model.StateSizes[index][number] is { } size ? Identifiers.Escape(size.Parameter) : dimension.ToString());
    }

    private static string Property(ClassValue output)
    {
        (string type, string call) = output.Form switch
        {
            ValueForm.Tensor => ($"{Tensors}.ReadOnlyTensorSpan<{output.Type}>", $"GetTensor<{output.Type}>"),
            ValueForm.Scalar => (output.Type, $"GetScalar<{output.Type}>"),
            ValueForm.Strings => ($"{Tensors}.ReadOnlyTensorSpan<string>", "GetStrings"),
            ValueForm.String => ("string", "GetString"),
            ValueForm.Sequence => ($"{Collections}.IReadOnlyList<{Tensors}.Tensor<{output.Type}>>", $"GetSequence<{output.Type}>"),
            ValueForm.Map => ($"{Collections}.IReadOnlyDictionary<{output.Type}>", $"GetMap<{output.Type}>"),
            ValueForm.Maps => ($"{Collections}.IReadOnlyList<{Collections}.IReadOnlyDictionary<{output.Type}>>", $"GetMaps<{output.Type}>"),
            _ => (output.Type, "GetValue"),
        };
        return $"/// <summary>{Documentation.OfValue(output)}</summary>\n    public {type} {output.Property} => {call}({output.Index});";
    }

    private static string Part(ClassValue input, int index) =>
        $"/// <summary>{Documentation.OfValue(input)} Valid until the next run.</summary>\n    public {Tensors}.ReadOnlyTensorSpan<{input.Type}> {input.Property} => GetTensor<{input.Type}>({index});";
}
