using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>Sequences and maps, copied into collections.</summary>
internal static class CompositeValues
{
    public static IReadOnlyList<Tensor<T>> ReadTensors<T>(OrtValue sequence)
        where T : unmanaged
    {
        var tensors = new List<Tensor<T>>(sequence.GetValueCount());
        sequence.ProcessSequence((element, _) => tensors.Add(Copy<T>(element)), OrtAllocator.DefaultInstance);
        return tensors;
    }

    public static IReadOnlyDictionary<TKey, TValue> ReadMap<TKey, TValue>(OrtValue map)
        where TKey : notnull
    {
        var entries = new Dictionary<TKey, TValue>();
        map.ProcessMap((keys, values) =>
        {
            TKey[] keyArray = Elements<TKey>(keys);
            TValue[] valueArray = Elements<TValue>(values);
            for (int i = 0; i < keyArray.Length; i++)
                entries.Add(keyArray[i], valueArray[i]);
        }, OrtAllocator.DefaultInstance);
        return entries;
    }

    public static IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> ReadMaps<TKey, TValue>(OrtValue sequence)
        where TKey : notnull
    {
        var maps = new List<IReadOnlyDictionary<TKey, TValue>>(sequence.GetValueCount());
        sequence.ProcessSequence((element, _) => maps.Add(ReadMap<TKey, TValue>(element)), OrtAllocator.DefaultInstance);
        return maps;
    }

    private static Tensor<T> Copy<T>(OrtValue tensor)
        where T : unmanaged
    {
        nint[] dimensions = Array.ConvertAll(tensor.GetTensorTypeAndShape().Shape, size => checked((nint)size));
        return Tensor.Create(tensor.GetTensorDataAsSpan<T>().ToArray(), dimensions.Length == 0 ? [1] : dimensions);
    }

    // The key and value types of ONNX's maps: integers, float, double, string.
    private static T[] Elements<T>(OrtValue tensor)
    {
        if (typeof(T) == typeof(string))
            return (T[])(object)tensor.GetStringTensorAsArray();
        if (typeof(T) == typeof(long))
            return (T[])(object)tensor.GetTensorDataAsSpan<long>().ToArray();
        if (typeof(T) == typeof(float))
            return (T[])(object)tensor.GetTensorDataAsSpan<float>().ToArray();
        if (typeof(T) == typeof(double))
            return (T[])(object)tensor.GetTensorDataAsSpan<double>().ToArray();
        if (typeof(T) == typeof(int))
            return (T[])(object)tensor.GetTensorDataAsSpan<int>().ToArray();
        throw new NotSupportedException($"ONNX Runtime has no maps of {typeof(T)}");
    }
}
