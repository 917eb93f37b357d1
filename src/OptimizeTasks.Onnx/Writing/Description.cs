using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>An entry of the file's <c>value_info</c>: of a value, or of a name that the graph does not have.</summary>
internal readonly record struct Description(Value? Value, ValueInfoProto? Unresolved);

/// <summary>Where a graph describes a value.</summary>
internal enum ValueRole
{
    Input,
    Output,
    Inner,
}
