using System.Globalization;
using OptimizeTasks.CodeGeneration;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Inspection;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>
/// Does to a file what <c>inspect</c>, <c>optimize</c> and a build do to it: read, summarise, compile, write, read again,
/// generate the class; now and then also compare both models.
/// </summary>
internal sealed class CaseRunner : IDisposable
{
    /// <summary>How long one file may take.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Every so many cases are verified: it is slow, and only what it says is looked at.</summary>
    private const int VerifyEvery = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly OnnxRuntimeRunner _runner = new(new WorkerCommand(Environment.ProcessPath!, [typeof(CaseRunner).Assembly.Location, "worker"]));

    public CaseRunner()
    {
        var data = new byte[Corpus.DataLength];
        new Random(0).NextBytes(data);
        File.WriteAllBytes(_folder[Corpus.DataFile], data);
    }

    public Verdict Run(FuzzCase damaged) => Run(damaged.Bytes, damaged.Seed % VerifyEvery == 0);

    public Verdict Run(byte[] bytes, bool verify)
    {
        string path = _folder["model.onnx"];
        File.WriteAllBytes(path, bytes);
        TimeSpan start = Environment.CpuUsage.TotalTime;
        Verdict verdict = Treat(path, verify);
        TimeSpan time = Environment.CpuUsage.TotalTime - start;
        return verdict.Finding is null && time > s_patience
            ? verdict with { Finding = string.Create(CultureInfo.InvariantCulture, $"Slow: {time.TotalSeconds:0.0} s") }
            : verdict;
    }

    public void Dispose()
    {
        _runner.Dispose();
        _folder.Dispose();
    }

    private Verdict Treat(string path, bool verify)
    {
        try
        {
            using (Model model = ModelFiles.Read(path))
                ModelInspector.Inspect(model, path);
            Signature signature;
            string output = _folder["out.onnx"];
            using (Model model = ModelFiles.Read(path))
            {
                signature = ModelSignature.Of(model, new CompilerOptions(), path);
                using CompilationResult result = new ModelCompiler(new CompilerOptions(), _runner).Compile(model, path);
                ModelWriter.Write(result.Model, output);
            }

            string code = ClassGenerator.Generate(signature, new ClassOptions { ClassName = "Fuzzed", TargetPath = "models/model.onnx" });
            if (SyntaxErrors.First(code) is { } error)
                return new Verdict(null, $"The generated class is no C#: {error}");
            try
            {
                using Model written = ModelReader.Read(output);
                ModelWriter.ToBytes(written);
            }
            catch (ModelFormatException e)
            {
                return new Verdict(null, $"The written model cannot be read: {e}");
            }

            if (verify)
                new Verifier(_runner).Verify(path, output, new VerificationOptions { Limits = new RunLimits(TimeSpan.FromSeconds(2), 64 << 20), MemoryBytes = 64 << 20 });
            return Verdict.Compiled;
        }
        catch (CompilationException e)
        {
            return new Verdict(e.Diagnostic.Code, string.IsNullOrWhiteSpace(e.Diagnostic.Message) ? "A diagnostic without a text" : null);
        }
        catch (ModelFormatException e)
        {
            // Of writing: the weights are read then.
            return new Verdict(ModelFiles.Descriptor(e.Fault).Code, null);
        }
        catch (Exception e)
        {
            return new Verdict(null, e.ToString());
        }
    }
}
