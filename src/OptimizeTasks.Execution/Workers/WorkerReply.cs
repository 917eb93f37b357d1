using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>What a worker answers.</summary>
internal static class WorkerReply
{
    /// <summary>The first bytes: a library that prints to the worker's output is noticed.</summary>
    private const uint Mark = 0x594C5052;

    private const byte NoFault = byte.MaxValue;

    public static void Write(BinaryWriter writer, IReadOnlyDictionary<string, Tensor> tensors)
    {
        writer.Write(Mark);
        writer.Write(NoFault);
        Wire.Write(writer, tensors);
        writer.Flush();
    }

    public static void Write(BinaryWriter writer, ModelRunFault fault, string message)
    {
        writer.Write(Mark);
        writer.Write((byte)fault);
        writer.Write(message);
        writer.Flush();
    }

    /// <exception cref="ModelRunException">The worker answered with a fault.</exception>
    /// <exception cref="InvalidDataException">The bytes are no reply.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(BinaryReader reader)
    {
        if (reader.ReadUInt32() != Mark)
            throw new InvalidDataException("Something else than a reply came from the worker.");
        byte fault = reader.ReadByte();
        return fault == NoFault ? Wire.ReadTensors(reader) : throw new ModelRunException((ModelRunFault)fault, reader.ReadString());
    }
}
