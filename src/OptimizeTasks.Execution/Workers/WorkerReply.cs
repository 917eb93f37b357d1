using OptimizeTasks.Compiler;

namespace OptimizeTasks.Execution.Workers;

/// <summary>What a worker answers.</summary>
internal static class WorkerReply
{
    /// <summary>The first bytes: a library that prints to the worker's output is noticed.</summary>
    private const uint Mark = 0x594C5052;

    private const byte NoFault = byte.MaxValue;

    public static void Write(BinaryWriter writer, Action<BinaryWriter> answer)
    {
        writer.Write(Mark);
        writer.Write(NoFault);
        answer(writer);
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
    public static T Read<T>(BinaryReader reader, Func<BinaryReader, T> answer)
    {
        if (reader.ReadUInt32() != Mark)
            throw new InvalidDataException("Something else than a reply came from the worker.");
        byte fault = reader.ReadByte();
        return fault == NoFault ? answer(reader) : throw new ModelRunException((ModelRunFault)fault, reader.ReadString());
    }
}
