using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>A tensor as ONNX Runtime computed it. Elements are those of a small integer tensor, else null.</summary>
internal sealed record Computed(ElementType Type, long[] Sizes, long[]? Elements);

/// <summary>A model in ONNX Runtime with every value of its main graph as an output, and no optimisation.</summary>
internal sealed class ReferenceRun : IDisposable
{
    private readonly RunOptions _options = new();
    private readonly InferenceSession _session;

    /// <summary>Loads the model; values get outputs, which changes it.</summary>
    public ReferenceRun(Model model)
    {
        Graph graph = model.Graph;
        foreach (Value value in graph.Nodes.SelectMany(n => n.Outputs).OfType<Value>().Where(v => !graph.Outputs.Contains(v)).ToArray())
        {
            // What the file says of the value must not help.
            value.Type = null;
            graph.AddOutput(value);
        }

        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        _session = new InferenceSession(ModelWriter.ToBytes(model), options);
    }

    /// <summary>Runs the model; the result has every tensor by its name.</summary>
    public Dictionary<string, Computed> Run(IReadOnlyDictionary<string, OrtValue> inputs)
    {
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, [.. inputs.Keys], [.. inputs.Values], _session.OutputNames);
        var result = new Dictionary<string, Computed>(StringComparer.Ordinal);
        for (int i = 0; i < outputs.Count; i++)
        {
            if (outputs[i].OnnxType == OnnxValueType.ONNX_TYPE_TENSOR)
                result[_session.OutputNames[i]] = Read(outputs[i]);
        }

        return result;
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    /// <summary>A tensor of random numbers: floats from 0 to 1, integers 0 or 1, which is right for most indices and masks.</summary>
    public static OrtValue Draw(ElementType type, long[] sizes, Random random)
    {
        long count = sizes.Aggregate(1L, (product, size) => product * size);
        if (type == ElementType.String)
        {
            OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, sizes);
            for (int i = 0; i < count; i++)
                texts.StringTensorSetElementAt("text".AsSpan(), i);
            return texts;
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)type, sizes);
        Span<byte> bytes = value.GetTensorMutableRawData();
        switch (type)
        {
            case ElementType.Float:
                foreach (ref float element in MemoryMarshal.Cast<byte, float>(bytes))
                    element = random.NextSingle();
                break;
            case ElementType.Float16:
                foreach (ref Half element in MemoryMarshal.Cast<byte, Half>(bytes))
                    element = (Half)random.NextSingle();
                break;
            case ElementType.Double:
                foreach (ref double element in MemoryMarshal.Cast<byte, double>(bytes))
                    element = random.NextDouble();
                break;
            default:
                bytes.Clear();
                for (int i = 0; i < bytes.Length; i += type.BitWidth() / 8)
                    bytes[i] = (byte)random.Next(2);
                break;
        }

        return value;
    }

    /// <summary>An int64 tensor.</summary>
    public static OrtValue Of(long[] sizes, params long[] elements) => OrtValue.CreateTensorValueFromMemory(elements, sizes);

    private static Computed Read(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        long[]? elements = info.ElementCount > 64 ? null : info.ElementDataType switch
        {
            TensorElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
            TensorElementType.Int32 => [.. value.GetTensorDataAsSpan<int>().ToArray().Select(e => (long)e)],
            TensorElementType.Bool => [.. value.GetTensorDataAsSpan<bool>().ToArray().Select(e => e ? 1L : 0L)],
            TensorElementType.Float => Whole(value.GetTensorDataAsSpan<float>()),
            _ => null,
        };
        return new Computed((ElementType)info.ElementDataType, info.Shape, elements);
    }

    private static long[]? Whole(ReadOnlySpan<float> elements)
    {
        var whole = new long[elements.Length];
        for (int i = 0; i < whole.Length; i++)
        {
            if (elements[i] != MathF.Floor(elements[i]) || MathF.Abs(elements[i]) > 1 << 24)
                return null;
            whole[i] = (long)elements[i];
        }

        return whole;
    }
}
