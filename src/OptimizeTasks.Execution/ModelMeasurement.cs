using System.Collections.Immutable;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution;

/// <summary>What one session of a model took, in a process of its own.</summary>
public sealed record ModelMeasurement
{
    /// <summary>The milliseconds that creating the session took; loading ONNX Runtime's library is not among them.</summary>
    public required double LoadMilliseconds { get; init; }

    /// <summary>The milliseconds of the first run, with the copying of inputs and outputs.</summary>
    public required double FirstRunMilliseconds { get; init; }

    /// <summary>The milliseconds of every further run.</summary>
    public required ImmutableArray<double> RunMilliseconds { get; init; }

    /// <summary>The greatest resident set of the process, in bytes.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>The outputs of the first run, by name.</summary>
    public required IReadOnlyDictionary<string, Tensor> Outputs { get; init; }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(LoadMilliseconds);
        writer.Write(FirstRunMilliseconds);
        writer.Write(RunMilliseconds.Length);
        foreach (double milliseconds in RunMilliseconds)
            writer.Write(milliseconds);
        writer.Write(PeakBytes);
        TensorWire.Write(writer, Outputs);
    }

    internal static ModelMeasurement Read(BinaryReader reader)
    {
        double load = reader.ReadDouble();
        double first = reader.ReadDouble();
        var runs = new double[reader.ReadInt32()];
        for (int i = 0; i < runs.Length; i++)
            runs[i] = reader.ReadDouble();
        return new ModelMeasurement
        {
            LoadMilliseconds = load,
            FirstRunMilliseconds = first,
            RunMilliseconds = [.. runs],
            PeakBytes = reader.ReadInt64(),
            Outputs = TensorWire.Read(reader),
        };
    }
}
