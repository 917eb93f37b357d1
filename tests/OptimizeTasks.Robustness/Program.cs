using System.Globalization;
using Google.Protobuf;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Robustness.Faults;
using OptimizeTasks.Robustness.Fuzzing;

namespace OptimizeTasks.Robustness;

/// <summary>What the tests start, and what reproduces a finding.</summary>
internal static class Program
{
    private const string Usage = """
        fuzz FIRST COUNT   treats the damaged models of these seeds, and says what became of each
        show SEED          treats one, and writes the smallest file that fails in the same way to SEED.onnx
        worker             runs models, as a part of the others
        watch FOLDER AT ERROR LIST COMMAND…   runs a command, and at one of its calls that change files in the folder ends it or lets the call fail
        """;

    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["worker"]:
                return WorkerHost.Run();
            case ["fuzz", var first, var count]:
                return FuzzProcess.Run(Number(first), Number(count));
            case ["show", var seed]:
                return Show(Number(seed));
            case ["watch", var folder, var at, var error, var list, .. var command]:
                return SystemCalls.Watch(command, folder, int.Parse(at, CultureInfo.InvariantCulture), Number(error), list);
            default:
                Console.WriteLine(Usage);
                return 2;
        }
    }

    private static int Show(int seed)
    {
        FuzzCase damaged = FuzzCase.Of(seed);
        Console.WriteLine(damaged);
        using var runner = new CaseRunner();
        Verdict verdict = runner.Run(damaged);
        Console.WriteLine(verdict.Finding ?? verdict.Refusal ?? "compiled");
        if (verdict.Signature is not { } signature)
            return 0;
        byte[] smallest = new Minimizer(runner).Minimize(damaged, signature);
        string file = FormattableString.Invariant($"{seed}.onnx");
        File.WriteAllBytes(file, smallest);
        Console.WriteLine(FormattableString.Invariant($"{file}, {smallest.Length} bytes{(smallest.Length <= 1000 ? ": " + Convert.ToBase64String(smallest) : "")}"));
        if (smallest.Length <= 1000)
            Console.WriteLine(Text(smallest));
        return 1;
    }

    private static string Text(byte[] bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes).ToString();
        }
        catch (InvalidProtocolBufferException e)
        {
            return e.Message;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
