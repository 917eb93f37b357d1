using System.Numerics.Tensors;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>Copies between tensor spans, which may have gaps, and memory in row-major order.</summary>
internal static unsafe class TensorCopy
{
    public static void ToMemory<T>(in ReadOnlyTensorSpan<T> tensor, void* memory, nuint bytes)
        where T : unmanaged
    {
        if (bytes == 0)
            return;
        if (IsRowMajor(tensor.Lengths, tensor.Strides))
        {
            fixed (T* source = &tensor.GetPinnableReference())
                Buffer.MemoryCopy(source, memory, bytes, bytes);
        }
        else
        {
            tensor.CopyTo(new TensorSpan<T>((T*)memory, tensor.FlattenedLength, tensor.Lengths));
        }
    }

    public static void FromMemory<T>(void* memory, nuint bytes, in TensorSpan<T> destination)
        where T : unmanaged
    {
        if (bytes == 0)
            return;
        if (IsRowMajor(destination.Lengths, destination.Strides))
        {
            fixed (T* target = &destination.GetPinnableReference())
                Buffer.MemoryCopy(memory, target, bytes, bytes);
        }
        else
        {
            new ReadOnlyTensorSpan<T>((T*)memory, destination.FlattenedLength, destination.Lengths).CopyTo(destination);
        }
    }

    private static bool IsRowMajor(ReadOnlySpan<nint> lengths, ReadOnlySpan<nint> strides)
    {
        nint expected = 1;
        for (int i = lengths.Length - 1; i >= 0; i--)
        {
            if (lengths[i] != 1 && strides[i] != expected)
                return false;
            expected *= lengths[i];
        }

        return true;
    }
}
