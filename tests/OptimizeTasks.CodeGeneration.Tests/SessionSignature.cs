using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>The signature of a model as ONNX Runtime sees it.</summary>
internal static class SessionSignature
{
    public static Signature OfFile(string path, params StatePair[] states)
    {
        using var session = new InferenceSession(path);
        return new Signature
        {
            Inputs = [.. session.InputMetadata.Select(entry => Value(entry.Key, entry.Value)), .. session.OverridableInitializerMetadata.Select(entry => Value(entry.Key, entry.Value) with { HasDefault = true })],
            Outputs = [.. session.OutputMetadata.Select(entry => Value(entry.Key, entry.Value))],
            States = [.. states],
        };
    }

    private static ValueSignature Value(string name, NodeMetadata metadata) => new()
    {
        Name = name,
        Type = new TensorSignature
        {
            ElementType = (ElementType)metadata.ElementDataType,
            Dimensions = [.. metadata.Dimensions.Select((size, index) => size >= 0 ? DimensionSignature.Of(size)
                : metadata.SymbolicDimensions[index] is { Length: > 0 } symbol ? DimensionSignature.Of(symbol) : DimensionSignature.Unknown)],
        },
    };
}
