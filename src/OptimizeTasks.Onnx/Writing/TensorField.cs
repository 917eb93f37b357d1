namespace OptimizeTasks.Onnx.Writing;

/// <summary>The field of ONNX's <c>TensorProto</c> that holds the elements, with its number.</summary>
internal enum TensorField
{
    None = 0,
    Float = 4,
    Int32 = 5,
    Strings = 6,
    Int64 = 7,
    Raw = 9,
    Double = 10,
    UInt64 = 11,
}
