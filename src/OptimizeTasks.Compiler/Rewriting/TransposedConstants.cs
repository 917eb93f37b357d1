using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Moves the axes of constants.</summary>
internal static class TransposedConstants
{
    /// <summary>The largest constant that is moved in memory.</summary>
    private const long LargestBytes = 16L << 20;

    /// <summary>The largest constant of which a second copy may arise.</summary>
    private const long LargestCopy = 64 << 10;

    /// <summary>Whether <see cref="Create"/> takes the value: it is a constant of whole bytes, not too large, and small if others use it.</summary>
    public static bool CanTranspose(this Value value, int rank) => value.Constant is { } tensor && tensor.Rank <= rank
        && (tensor.ElementCount == 1 || (tensor.ElementType != ElementType.String && tensor.ElementType.BitWidth() % 8 == 0
            && tensor.ByteLength <= (value is { IsOutput: false, Uses.Count: 1 } ? LargestBytes : LargestCopy)));

    /// <summary>The constant with its axes moved, after axes of size 1 were put before them up to the rank of the permutation.</summary>
    public static Tensor Create(Tensor tensor, Permutation permutation)
    {
        long[] sizes = [.. Enumerable.Repeat(1L, permutation.Rank - tensor.Rank), .. tensor.Dimensions];
        long[] result = permutation.Apply(sizes);
        if (tensor.ElementCount <= 1)
            return new Tensor(tensor.ElementType, result, tensor.Data);

        var strides = new long[sizes.Length];
        long stride = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= sizes[i];
        }

        ReadOnlySpan<byte> source = tensor.Data.ReadAll().Span;
        int width = tensor.ElementType.BitWidth() / 8;
        var bytes = new byte[source.Length];
        long[] steps = permutation.Apply(strides);
        var position = new long[result.Length];
        long from = 0;
        for (int to = 0; to < bytes.Length; to += width)
        {
            source.Slice((int)from * width, width).CopyTo(bytes.AsSpan(to));
            for (int axis = result.Length - 1; axis >= 0; axis--)
            {
                from += steps[axis];
                if (++position[axis] < result[axis])
                    break;
                from -= steps[axis] * result[axis];
                position[axis] = 0;
            }
        }

        return new Tensor(tensor.ElementType, result, new MemoryData(bytes));
    }
}
