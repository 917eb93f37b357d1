using System.Text;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Onnx;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace OptimizeTasks.Testing.Operators;

/// <summary>What ONNX Runtime computed: a tensor, or the elements of a sequence; neither for an optional without value.</summary>
/// <param name="Tensor">The tensor, or null.</param>
/// <param name="Elements">The elements, or null.</param>
public sealed record RunValue(Tensor? Tensor, IReadOnlyList<RunValue>? Elements = null);

/// <summary>Runs small models in this process, without optimisations and on one thread. The test project brings the native library.</summary>
public sealed class OperatorRun : IDisposable
{
    private static readonly SessionOptions s_options = new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        IntraOpNumThreads = 1,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private readonly InferenceSession _session;

    /// <summary>Loads the model.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses it.</exception>
    public OperatorRun(Model model) => _session = new InferenceSession(ModelWriter.ToBytes(model), s_options);

    /// <summary>The outputs in order.</summary>
    /// <exception cref="OnnxRuntimeException">The run fails.</exception>
    public static IReadOnlyList<RunValue> Run(Model model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var run = new OperatorRun(model);
        return run.Run(inputs);
    }

    /// <summary>The outputs in order.</summary>
    /// <exception cref="OnnxRuntimeException">The run fails.</exception>
    public IReadOnlyList<RunValue> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var options = new RunOptions();
        Dictionary<string, OrtValue> values = inputs.ToDictionary(i => i.Key, i => ToOrtValue(i.Value), StringComparer.Ordinal);
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(options, values, _session.OutputNames);
            return [.. results.Select(Read)];
        }
        finally
        {
            foreach (OrtValue value in values.Values)
                value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static OrtValue ToOrtValue(Tensor tensor)
    {
        long[] sizes = [.. tensor.Dimensions];
        if (tensor.Data is not StringData strings)
        {
            OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.ElementType, sizes);
            if (tensor.ByteLength > 0)
                tensor.Data.Read(0, value.GetTensorMutableRawData());
            return value;
        }

        OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, sizes);
        for (int i = 0; i < strings.Values.Count; i++)
            texts.StringTensorSetElementAt(strings.Values[i].Span, i);
        return texts;
    }

    private static RunValue Read(OrtValue value)
    {
        switch (value.OnnxType)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR:
                return new RunValue(ReadTensor(value));
            case OnnxValueType.ONNX_TYPE_SEQUENCE:
                var elements = new RunValue[value.GetValueCount()];
                for (int i = 0; i < elements.Length; i++)
                {
                    using OrtValue element = value.GetValue(i, OrtAllocator.DefaultInstance);
                    elements[i] = Read(element);
                }

                return new RunValue(null, elements);
            default:
                return new RunValue(null);
        }
    }

    private static Tensor ReadTensor(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        var type = (ElementType)info.ElementDataType;
        TensorData data = type == ElementType.String
            ? new StringData([.. Enumerable.Range(0, (int)info.ElementCount).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value.GetStringElement(i)))])
            : new MemoryData(info.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray());
        return new Tensor(type, info.Shape, data);
    }
}
