using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>What a class gives, as tensors: arrays of numbers, truth values and texts, or one of these alone.</summary>
internal static class SampleArray
{
    /// <summary>The arrays of one sample.</summary>
    /// <exception cref="InvalidDataException">It is no dictionary of arrays by name.</exception>
    public static Dictionary<string, Tensor> AllOf(object? sample)
    {
        if (sample is not IDictionary entries)
            throw new InvalidDataException($"a sample is a dictionary of arrays by name, such as Dictionary<string, Array>, and not {NameOf(sample)}");
        var arrays = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in entries)
        {
            string name = entry.Key as string ?? throw new InvalidDataException($"the arrays of a sample have texts for names, and not {NameOf(entry.Key)}");
            arrays.Add(name, Of(entry.Value) ?? throw new InvalidDataException($"'{name}' is {NameOf(entry.Value)}, and no array of numbers, truth values or texts"));
        }

        return arrays;
    }

    private static Tensor? Of(object? value)
    {
        // A single number is an array without dimensions.
        Array? array = value as Array ?? (value is null ? null : Single(value));
        long[] shape = array is null || !ReferenceEquals(array, value) ? [] : [.. Enumerable.Range(0, array.Rank).Select(array.GetLongLength)];
        if (array?.GetType().GetElementType() is not { } elements)
            return null;
        if (elements == typeof(string))
            return new Tensor(ElementType.String, shape, new StringData([.. array.Cast<string?>().Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text ?? ""))]));
        if (TypeOf(elements) is not { } type)
            return null;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(array), checked((int)type.ByteLength(array.LongLength)));
        return new Tensor(type, shape, new MemoryData(bytes.ToArray()));
    }

    private static Array Single(object value)
    {
        var array = Array.CreateInstance(value.GetType(), 1);
        array.SetValue(value, 0);
        return array;
    }

    private static ElementType? TypeOf(Type type) => type switch
    {
        _ when type.IsEnum => null,
        _ when type == typeof(Half) => ElementType.Float16,
        _ => Type.GetTypeCode(type) switch
        {
            TypeCode.Single => ElementType.Float,
            TypeCode.Double => ElementType.Double,
            TypeCode.Int64 => ElementType.Int64,
            TypeCode.Int32 => ElementType.Int32,
            TypeCode.Int16 => ElementType.Int16,
            TypeCode.SByte => ElementType.Int8,
            TypeCode.UInt64 => ElementType.UInt64,
            TypeCode.UInt32 => ElementType.UInt32,
            TypeCode.UInt16 => ElementType.UInt16,
            TypeCode.Byte => ElementType.UInt8,
            TypeCode.Boolean => ElementType.Bool,
            _ => null,
        },
    };

    private static string NameOf(object? value) => value?.GetType().Name ?? "null";
}
