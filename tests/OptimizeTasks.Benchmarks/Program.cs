using System.Diagnostics;
using System.Globalization;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Benchmarks.Tables;
using OptimizeTasks.Onnx;

switch (args)
{
    case ["model", { } name, { } path] when Catalogue.All.TryGetValue(name, out Func<Model>? build):
        using (Model model = build())
            ModelWriter.Write(model, path);
        return 0;
    case ["copy", { } from, { } to, ..]:
        Copy(from, to, args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1);
        return 0;
    case ["compile"]:
        CompileTable.Print();
        return 0;
    case ["call"]:
        CallTable.Print();
        return 0;
    case ["build"]:
        BuildTable.Print();
        return 0;
    case ["peer", { } from, { } to]:
        Peer.Optimize(from, to);
        return 0;
    default:
        Console.Error.WriteLine("usage: compile | call | build             prints a table of docs/benchmarks.md");
        Console.Error.WriteLine("       model <architecture> <path>       writes a model with random weights");
        Console.Error.WriteLine("       copy <from> <to> [repetitions]     reads and writes a model");
        Console.Error.WriteLine("architectures: " + string.Join(", ", Catalogue.All.Keys));
        return 2;
}

static void Copy(string from, string to, int repetitions)
{
    for (int i = 0; i < repetitions; i++)
    {
        var watch = Stopwatch.StartNew();
        using Model model = ModelReader.Read(from);
        TimeSpan read = watch.Elapsed;
        ModelWriter.Write(model, to);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Graph.NodeCount} nodes: read {read.TotalMilliseconds:F0} ms, written {(watch.Elapsed - read).TotalMilliseconds:F0} ms"));
    }

    using var process = Process.GetCurrentProcess();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {process.PeakWorkingSet64 >> 20} MB"));
}
