using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace OptimizeTasks.Execution.Sessions;

/// <summary>Tensors in and out of ONNX Runtime. Its element types have ONNX's numbers, and so have ours.</summary>
internal static class OnnxRuntimeTensors
{
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The caller disposes the value.")]
    public static OrtValue ToOrtValue(Tensor tensor)
    {
        long[] dimensions = [.. tensor.Dimensions];
        if (tensor.Data is StringData strings)
        {
            OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, dimensions);
            for (int i = 0; i < strings.Values.Count; i++)
                texts.StringTensorSetElementAt(strings.Values[i].Span, i);
            return texts;
        }

        if (tensor.ByteLength > int.MaxValue)
            throw new ModelRunException(ModelRunFault.Run, $"A tensor {tensor} of {tensor.ByteLength} bytes is too large to be run.");
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.ElementType, dimensions);
        try
        {
            tensor.Data.Read(0, value.GetTensorMutableRawData());
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    /// <param name="name">The output's name, for messages.</param>
    /// <param name="value">The output.</param>
    /// <param name="budget">Bytes that may still be returned; reduced by the tensor's.</param>
    public static Tensor ToTensor(string name, OrtValue value, ref long budget)
    {
        if (!value.IsTensor)
            throw new ModelRunException(ModelRunFault.Run, $"The output '{name}' is no tensor.");
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        var type = (ElementType)info.ElementDataType;
        TensorData data = type == ElementType.String ? ReadStrings(value, info.ElementCount, ref budget) : ReadBytes(name, value, type, info.ElementCount, ref budget);
        return new Tensor(type, info.Shape, data);
    }

    private static StringData ReadStrings(OrtValue value, long count, ref long budget)
    {
        var texts = new ReadOnlyMemory<byte>[checked((int)count)];
        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlySpan<byte> text = value.GetStringElementAsSpan(i);
            Spend(text.Length, ref budget);
            texts[i] = text.ToArray();
        }

        return new StringData(texts);
    }

    private static MemoryData ReadBytes(string name, OrtValue value, ElementType type, long count, ref long budget)
    {
        long length = type.ByteLength(count);
        Spend(length, ref budget);
        if (length > Array.MaxLength)
            throw new ModelRunException(ModelRunFault.ByteLimit, $"The output '{name}' has {length} bytes.");
        return new MemoryData(value.GetTensorMutableRawData().ToArray());
    }

    private static void Spend(long bytes, ref long budget)
    {
        budget -= bytes;
        if (budget < 0)
            throw new ModelRunException(ModelRunFault.ByteLimit, "The outputs are larger than the limit.");
    }
}
