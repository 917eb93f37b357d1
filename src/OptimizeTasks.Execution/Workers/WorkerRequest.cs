using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Workers;

/// <summary>What a worker is asked. The host numbers the sessions; the answer is tensors, or a fault.</summary>
internal abstract record WorkerRequest(int Session)
{
    private const byte LoadKind = 1;
    private const byte RunKind = 2;
    private const byte UnloadKind = 3;
    private const byte MeasureKind = 4;

    public static WorkerRequest Read(BinaryReader reader)
    {
        byte kind = reader.ReadByte();
        int session = reader.ReadInt32();
        return kind switch
        {
            LoadKind => new Load(session, reader.ReadString(), Wire.ReadSettings(reader)),
            RunKind => new Run(session, TensorWire.Read(reader), Wire.ReadTexts(reader), reader.ReadInt64()),
            UnloadKind => new Unload(session),
            MeasureKind => new Measure(reader.ReadString(), Wire.ReadSettings(reader), TensorWire.Read(reader), Wire.ReadTexts(reader), reader.ReadInt32()),
            _ => throw new InvalidDataException($"There is no request {kind}."),
        };
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(this switch { Load => LoadKind, Run => RunKind, Measure => MeasureKind, _ => UnloadKind });
        writer.Write(Session);
        WriteBody(writer);
        writer.Flush();
    }

    protected virtual void WriteBody(BinaryWriter writer)
    {
    }

    /// <summary>Load a file. Answered without tensors.</summary>
    public sealed record Load(int Session, string Path, SessionSettings Settings) : WorkerRequest(Session)
    {
        protected override void WriteBody(BinaryWriter writer)
        {
            writer.Write(Path);
            Wire.Write(writer, Settings);
        }
    }

    /// <summary>Run a loaded model. Answered with the outputs.</summary>
    public sealed record Run(int Session, IReadOnlyDictionary<string, Tensor> Inputs, IReadOnlyCollection<string> Outputs, long OutputBytes) : WorkerRequest(Session)
    {
        protected override void WriteBody(BinaryWriter writer)
        {
            TensorWire.Write(writer, Inputs);
            Wire.Write(writer, Outputs);
            writer.Write(OutputBytes);
        }
    }

    /// <summary>Load a file, run it so many times, and forget it. Answered with a <see cref="ModelMeasurement"/>.</summary>
    public sealed record Measure(string Path, SessionSettings Settings, IReadOnlyDictionary<string, Tensor> Inputs, IReadOnlyCollection<string> Outputs, int Runs) : WorkerRequest(0)
    {
        protected override void WriteBody(BinaryWriter writer)
        {
            writer.Write(Path);
            Wire.Write(writer, Settings);
            TensorWire.Write(writer, Inputs);
            Wire.Write(writer, Outputs);
            writer.Write(Runs);
        }
    }

    /// <summary>Forget a loaded model. Answered without tensors.</summary>
    public sealed record Unload(int Session) : WorkerRequest(Session);
}
