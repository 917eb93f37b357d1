using System.Numerics.Tensors;
using OptimizeTasks.Runtime.Native;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>Spans over ONNX Runtime's tensors.</summary>
internal static unsafe class TensorViews
{
    public static ReadOnlyTensorSpan<T> Of<T>(nint tensor)
        where T : unmanaged
    {
        nint[] dimensions = OrtNative.Dimensions(tensor);
        // A tensor span has no rank 0: where the model does not say the rank, a scalar is a vector of one element.
        if (dimensions.Length == 0)
            dimensions = [1];
        nint length = TensorPrimitives.Product<nint>(dimensions);
        return length == 0 ? new ReadOnlyTensorSpan<T>(Array.Empty<T>(), dimensions) : new ReadOnlyTensorSpan<T>((T*)OrtNative.Data(tensor), length, dimensions);
    }
}
