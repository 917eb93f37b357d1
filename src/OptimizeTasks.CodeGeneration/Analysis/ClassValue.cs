using OptimizeTasks.CodeGeneration.Naming;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Analysis;

/// <summary>An input or output as the class has it.</summary>
/// <param name="Index">Its number among the inputs or outputs.</param>
/// <param name="Signature">What the model says of it.</param>
/// <param name="Form">How it appears.</param>
/// <param name="Type">The C# type of its elements; of maps the type arguments.</param>
/// <param name="Parameter">Its name as a parameter, not escaped.</param>
/// <param name="Property">Its name as a property.</param>
internal sealed record ClassValue(int Index, ValueSignature Signature, ValueForm Form, string Type, string Parameter, string Property)
{
    /// <summary>The number of its state, if it is a part of one.</summary>
    public int? State { get; init; }

    public bool IsOptional => Signature.HasDefault;

    /// <summary>Whether a call into the caller's tensors can have it.</summary>
    public bool IsBindable => Form is ValueForm.Tensor or ValueForm.Scalar;

    /// <summary>The parameter's name as it is written.</summary>
    public string Argument => Identifiers.Escape(Parameter);

    public static (ValueForm Form, string Type) Classify(TypeSignature type, bool isInput) => type switch
    {
        TensorSignature { ElementType: ElementType.String, Dimensions: { IsEmpty: true } } => (ValueForm.String, "string"),
        TensorSignature { ElementType: ElementType.String } => (ValueForm.Strings, "string"),
        TensorSignature { ElementType: var element, Dimensions: var dimensions } when CSharpTypes.Of(element) is { } name =>
            (dimensions is { IsEmpty: true } ? ValueForm.Scalar : ValueForm.Tensor, name),
        SequenceSignature { Element: TensorSignature { ElementType: not ElementType.String and var element } } when !isInput && CSharpTypes.Of(element) is { } name => (ValueForm.Sequence, name),
        MapSignature map when !isInput && MapTypes(map) is { } types => (ValueForm.Map, types),
        SequenceSignature { Element: MapSignature map } when !isInput && MapTypes(map) is { } types => (ValueForm.Maps, types),
        _ => (ValueForm.OrtValue, "global::Microsoft.ML.OnnxRuntime.OrtValue"),
    };

    // ONNX Runtime has maps from int64 or string to int64, float, double or string.
    private static string? MapTypes(MapSignature map) =>
        map.Key is ElementType.Int64 or ElementType.String
        && map.Value is TensorSignature { ElementType: ElementType.Int64 or ElementType.Float or ElementType.Double or ElementType.String } value
            ? $"{CSharpTypes.Of(map.Key)}, {CSharpTypes.Of(value.ElementType)}"
            : null;
}
