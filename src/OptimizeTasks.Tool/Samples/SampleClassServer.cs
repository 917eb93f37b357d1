using System.Text;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>The life of a process that runs a class of a project: what the class does to it does nothing to the compiler.</summary>
internal static class SampleClassServer
{
    /// <summary>What follows on the stream.</summary>
    public enum Message : byte
    {
        /// <summary>The arrays of a sample.</summary>
        Sample = 1,

        /// <summary>A text: why there are no more samples.</summary>
        Failure,

        /// <summary>Nothing: there are no more samples.</summary>
        End,
    }

    /// <summary>Writes the samples to what was standard output as they are taken. What the class prints goes to standard error.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string assembly)
    {
        using Stream output = SampleOutput.Take();
        Console.SetOut(Console.Error);
        var writer = new BinaryWriter(new BufferedStream(output, 1 << 16), Encoding.UTF8);
        try
        {
            Serve(assembly, writer);
        }
        catch (InvalidDataException e)
        {
            writer.Write((byte)Message.Failure);
            writer.Write(e.Message);
        }
        catch (IOException)
        {
            // Nobody takes more of them.
            return ExitCodes.Failure;
        }

        writer.Flush();
        return ExitCodes.Success;
    }

    private static void Serve(string assembly, BinaryWriter writer)
    {
        foreach (Dictionary<string, Tensor> arrays in SampleClass.In(Path.GetFullPath(assembly)).Read())
        {
            writer.Write((byte)Message.Sample);
            TensorWire.Write(writer, arrays);
            writer.Flush();
        }

        writer.Write((byte)Message.End);
    }
}
