using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Writing;

namespace OptimizeTasks.Onnx;

/// <summary>A constant: element type, sizes, and a reference to its bytes. Immutable.</summary>
public sealed class Tensor
{
    /// <summary>A tensor over <paramref name="data"/>, row-major.</summary>
    /// <exception cref="ModelFormatException">The sizes and the number of bytes disagree, a size is negative, or their product overflows.</exception>
    public Tensor(ElementType elementType, ReadOnlySpan<long> dimensions, TensorData data)
    {
        ElementType = elementType;
        Dimensions = [.. dimensions];
        Data = data;
        ElementCount = CountElements(dimensions);
        if (data is StringData strings ? strings.Values.Count != ElementCount : CountBytes(elementType, dimensions) != data.Length)
            throw new ModelFormatException($"A tensor {this} cannot have {data.Length} bytes of data.");
    }

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The sizes, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Dimensions { get; }

    /// <summary>The bytes.</summary>
    public TensorData Data { get; }

    /// <summary>The product of <see cref="Dimensions"/>.</summary>
    public long ElementCount { get; }

    /// <summary>The number of dimensions.</summary>
    public int Rank => Dimensions.Length;

    /// <summary>Bytes of the data.</summary>
    public long ByteLength => Data.Length;

    /// <summary>The sizes as a shape.</summary>
    public Shape Shape => Shape.Of(Dimensions.AsSpan());

    /// <summary>The documentation in the file, or null.</summary>
    public string? DocString { get; init; }

    /// <summary>Free metadata of the tensor.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>The field that holds the elements in a file.</summary>
    internal TensorField Field { get; init; } = TensorField.Raw;

    /// <summary>The message without elements and name, where it says more than the tensor does.</summary>
    internal TensorProto? Original { get; set; }

    /// <summary>A tensor of these elements. <typeparamref name="T"/> must have the layout of <paramref name="elementType"/>.</summary>
    public static Tensor Create<T>(ElementType elementType, ReadOnlySpan<long> dimensions, ReadOnlySpan<T> values)
        where T : unmanaged => new(elementType, dimensions, new MemoryData(MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>A one-dimensional int64 tensor, the form of shapes and axes.</summary>
    public static Tensor OfInt64(params ReadOnlySpan<long> values) => Create(ElementType.Int64, [values.Length], values);

    /// <summary>A float scalar.</summary>
    public static Tensor OfFloat(float value) => Create(ElementType.Float, [], [value]);

    /// <summary>All elements. <typeparamref name="T"/> must have the layout of <see cref="ElementType"/>.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has another size than the elements.</exception>
    public ReadOnlySpan<T> Read<T>()
        where T : unmanaged
    {
        if (Marshal.SizeOf<T>() * 8 != ElementType.BitWidth() && !(typeof(T) == typeof(bool) && ElementType == ElementType.Bool))
            throw new InvalidOperationException($"{ElementType} elements cannot be read as {typeof(T)}.");
        return MemoryMarshal.Cast<byte, T>(Data.ReadAll().Span);
    }

    /// <summary>For instance <c>Float[768, 3072]</c>.</summary>
    public override string ToString() => $"{ElementType}[{string.Join(", ", Dimensions)}]";

    /// <summary>The bytes that a tensor takes, packed.</summary>
    /// <exception cref="ModelFormatException">A size is negative, or 64 bits do not suffice.</exception>
    internal static long CountBytes(ElementType type, ReadOnlySpan<long> dimensions)
    {
        try
        {
            return type.ByteLength(CountElements(dimensions));
        }
        catch (OverflowException)
        {
            throw new ModelFormatException("A tensor has more bytes than 64 bits can count.");
        }
    }

    internal static long CountElements(ReadOnlySpan<long> dimensions)
    {
        try
        {
            long count = 1;
            foreach (long size in dimensions)
                count = checked(count * (size >= 0 ? size : throw new ModelFormatException($"A tensor has the size {size}.")));
            return count;
        }
        catch (OverflowException)
        {
            throw new ModelFormatException("A tensor has more elements than 64 bits can count.");
        }
    }
}
