using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Tool.Samples;

/// <summary>An input that every sample has a tensor for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type of the elements.</param>
/// <param name="Dimensions">The dimensions; null where not even the rank is known.</param>
internal sealed record SampleInput(string Name, ElementType Type, ImmutableArray<DimensionSignature>? Dimensions)
{
    /// <summary>The rows that one sample has where a file has many: those that the model demands, or 1.</summary>
    public long Rows => Dimensions is [{ Size: { } size }, ..] ? size : 1;

    /// <summary>The inputs of a model that have no value of their own.</summary>
    /// <exception cref="CompilationException">One is no tensor.</exception>
    public static ImmutableArray<SampleInput> Of(Signature signature, string? model) =>
        [.. signature.Inputs.Where(input => !input.HasDefault).Select(input => Of(input, model))];

    /// <summary>Whether one sample may have this shape.</summary>
    public bool Takes(ReadOnlySpan<long> shape)
    {
        if (Dimensions is not { } dimensions)
            return true;
        if (shape.Length != dimensions.Length)
            return false;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (dimensions[axis].Size is { } size && size != shape[axis])
                return false;
        }

        return true;
    }

    /// <summary>For instance <c>'image', which is float[batch,1,8,8]</c>.</summary>
    public override string ToString() => $"'{Name}', which is {new TensorSignature { ElementType = (Manifest.ElementType)Type, Dimensions = Dimensions }}";

    // The manifest's enumeration has the numbers of ONNX.
    private static SampleInput Of(ValueSignature input, string? model) => input.Type is TensorSignature tensor
        ? new SampleInput(input.Name, (ElementType)tensor.ElementType, tensor.Dimensions)
        : throw new CompilationException(Diagnostics.InvalidInputs.Create($"The input '{input.Name}' is {input.Type}, and files can hold tensors alone", model));
}
