using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Samples;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Samples that a class makes, run as the build runs them.</summary>
public sealed class ClassSamplesTests : IDisposable
{
    private const string Usings = "using System; using System.Collections; using System.Collections.Generic; using System.Linq;\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new float[1, 4]")]
    [InlineData("new float[3, 4]")]
    [InlineData("new float[4]")]
    public void An_array_has_the_inputs_shape_or_is_a_row_of_it(string array)
    {
        ToolRun run = Verify($$"""yield return new Dictionary<string, Array> { ["x"] = {{array}}, ["unused"] = new[] { "text" } };""");

        Assert.Equal("", run.Error);
        Assert.EndsWith("on samples.dll, 1 sample: a loss of 0", Assert.Single(run.OutputLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new float[5] };""", "OPT5009", "Sample 1: The array is Float[5], which does not fit the input 'x'")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new float[8] };""", "OPT5009", "The array is Float[8], which does not fit")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new float[1, 5] };""", "OPT5009", "does not fit")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new float[2][] };""", "OPT5012", "'x' is Single[][], and no array of numbers")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new double[1, 4] };""", "OPT5009", "Sample 1: The array is Double[1, 4], and is for the input 'x', which is float")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new float[4] }; yield return new Dictionary<string, Array> { ["y"] = new float[4] };""", "OPT5009", "Sample 2: There is no array 'x' for an input (there are y)")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = new[] { 0, 1, float.NaN, 2 } };""", "OPT5009", "Sample 1: A sample has NaN in 'x'")]
    [InlineData("""yield return new float[4];""", "OPT5012", "and not Single[]")]
    [InlineData("""yield return new Dictionary<string, Array> { ["x"] = null };""", "OPT5012", "'x' is null")]
    [InlineData("""yield return null;""", "OPT5012", "and not null")]
    [InlineData("""yield break;""", "OPT5011", "The class gives no samples")]
    [InlineData("""foreach (string line in System.IO.File.ReadLines("there/is/none")) yield return line;""", "OPT5012", "Samples() of Made threw DirectoryNotFoundException in samples.cs, line 4: Could not find")]
    [InlineData("""foreach (int i in new[] { 1 }) throw new InvalidOperationException("one\ntwo"); yield break;""", "OPT5012", "threw InvalidOperationException in samples.cs, line 4: one two")]
    [InlineData("""foreach (int i in new[] { 1 }) { var thread = new System.Threading.Thread(() => throw new InvalidOperationException("beside")); thread.Start(); thread.Join(); } yield break;""", "OPT5012", "its last words: Unhandled exception. System.InvalidOperationException: beside")]
    [InlineData("""Console.Error.WriteLine("goodbye"); Environment.Exit(7); yield break;""", "OPT5012", "ended with exit code 7, its last words: goodbye")]
    public void What_goes_wrong_in_a_class_is_one_diagnostic(string body, string code, string reason)
    {
        ToolRun run = Verify(body);

        Assert.Equal(1, run.ExitCode);
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith($"{_folder["samples.dll"]} : error {code}: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("class A { }", "There is no class with a method")]
    [InlineData("class A { public IEnumerable Samples() => null; } class B { static int Samples() => 1; } class C<T> { static IEnumerable Samples() => null; }", "There is no class")]
    [InlineData("class A { static IEnumerable Samples() => null; } class B { static IEnumerable Samples() => null; }", "several classes with a static method Samples(): A, B")]
    [InlineData("class A { static IEnumerable Samples() => null; }", "Samples() returns null")]
    [InlineData("class A { static A() => throw new Exception(\"early\"); static IEnumerable Samples() => null; }", "threw Exception in samples.cs, line 2: early")]
    public void An_assembly_has_one_class_of_samples(string source, string reason)
    {
        Compile(source);

        ToolRun run = Verify();

        Assert.Contains("error OPT5012: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_assembly_is_one_diagnostic()
    {
        File.WriteAllText(_folder["samples.dll"], "text");

        Assert.Contains("error OPT5012: The class cannot be loaded", Assert.Single(Verify().ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_without_its_build_is_one_diagnostic()
    {
        SampleModels.WriteDense(_folder["a.onnx"]);
        File.WriteAllText(_folder["samples.cs"], "");

        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["a.onnx"], "--data", _folder["samples.cs"]);

        Assert.Contains("error OPT5009: A class is compiled by the build of its project", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_without_end_are_bounded()
    {
        ToolRun run = Verify("""
            var random = new Random();
            while (true)
                yield return new Dictionary<string, object> { ["x"] = new[] { random.NextSingle(), 1, 2, 3 }, ["label"] = (byte)3 };
            """, "--label", "label", "--metric", "Accuracy");

        Assert.Equal("", run.Error);
        Assert.Contains("on samples.dll, the first 4096 samples:", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4095, "4095")]
    [InlineData(4096, "4096")]
    [InlineData(4097, "the first 4096")]
    public void Only_a_class_with_more_samples_is_cut(int given, string count)
    {
        ToolRun run = Verify($$"""for (int i = 0; i < {{given}}; i++) yield return new Dictionary<string, Array> { ["x"] = new float[] { i, 1, 2, 3 } };""");

        Assert.Equal("", run.Error);
        Assert.Contains($"on samples.dll, {count} samples:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_may_be_named_like_an_input()
    {
        Compile("class Made { static IEnumerable Samples() { yield return new Dictionary<string, Array> { [\"x\"] = new long[] { 3 } }; } }");
        SampleModels.WriteCopy(_folder["a.onnx"]);

        ToolRun run = ToolProcess.Run("verify", _folder["a.onnx"], _folder["a.onnx"], "--data", _folder["samples.dll"], "--label", "x", "--metric", "Accuracy");

        Assert.Equal("", run.Error);
        Assert.StartsWith("Accuracy 1.000 → 1.000", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3f", "'label' is Float[]; labels are integers")]
    [InlineData("null", "'label' is null")]
    public void Labels_are_integers(string label, string reason) =>
        Assert.Contains(reason, Assert.Single(Verify($$"""yield return new Dictionary<string, object> { ["x"] = new float[4], ["label"] = {{label}} };""", "--label", "label").ErrorLines), StringComparison.Ordinal);

    [Fact]
    public void What_a_class_prints_is_none_of_the_tools_output()
    {
        ToolRun run = Verify("""Console.WriteLine("x : error OPT1001: mine"); yield return new Dictionary<string, Array> { ["x"] = new float[4] };""");

        Assert.Equal(("", 1), (run.Error, run.OutputLines.Length));
    }

    [Fact]
    public void What_native_code_prints_is_none_of_the_samples()
    {
        if (OperatingSystem.IsWindows())
            return;
        Compile("""
            static class Made
            {
                [System.Runtime.InteropServices.DllImport("libc")] static extern nint write(int descriptor, byte[] text, nint length);
                static IEnumerable Samples() { write(1, new byte[] { 65, 10 }, 2); yield return new Dictionary<string, Array> { ["x"] = new float[4] }; write(1, new byte[] { 65, 10 }, 2); }
            }
            """);

        ToolRun run = Verify();

        Assert.Equal("", run.Error);
        Assert.Contains("1 sample:", Assert.Single(run.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Methods_of_other_signatures_stand_in_nobodys_way()
    {
        Compile("""
            static class Made
            {
                static IEnumerable Samples() { yield return new Dictionary<string, Array> { ["x"] = new float[4] }; }
                static IEnumerable Samples<T>() => null;
                static IEnumerable Samples(int count) => null;
            }
            """);

        Assert.Equal("", Verify().Error);
    }

    [Fact]
    public void A_class_without_an_assembly_that_it_needs_is_one_diagnostic()
    {
        MetadataReference gone = Library("gone", "public class Base { }");
        File.Delete(_folder["gone.dll"]);
        Compile("class Made : Base { static IEnumerable Samples() => null; }", gone);

        Assert.Contains("error OPT5012: The class cannot be loaded: Could not load file or assembly 'gone", Assert.Single(Verify().ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_whose_assembly_lost_a_type_is_one_diagnostic()
    {
        MetadataReference library = Library("library", "public struct Lost { }");
        Compile("class Made { static Lost Samples(Lost lost) => lost; static IEnumerable Samples() => null; }", library);
        Emit("library", "public struct Other { }", _folder["library.dll"]);

        Assert.Contains("error OPT5012: The class cannot be loaded: Could not load type 'Lost'", Assert.Single(Verify().ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_folder_and_its_platforms_are_searched()
    {
        MetadataReference reference = Library("library", "public static class Library { public static float[] Row => new float[4]; }");
        Compile("class Made { static IEnumerable Samples() { yield return new Dictionary<string, Array> { [\"x\"] = Library.Row }; } }", reference);
        Move("elsewhere");
        Assert.Contains("Could not load file or assembly 'library", Assert.Single(Verify().ErrorLines), StringComparison.Ordinal);
        Move("runtimes/any/lib/net8.0");
        Assert.Equal("", Verify().Error);
    }

    [Theory]
    [InlineData("/home/me/runtimes/web/bin/App.dll", null)]
    [InlineData("/home/me/runtimes/web/bin/runtimes/linux-x64/native/a.so", "linux-x64")]
    [InlineData("/p/runtimes/unix/lib/net8.0/a.dll", "unix")]
    [InlineData("/p/runtimes/unix/lib/net8.0/de/a.resources.dll", "unix")]
    [InlineData(@"C:\p\runtimes\win-arm64\native\a.dll", "win-arm64")]
    [InlineData("/p/lib/net8.0/a.dll", null)]
    public void A_file_is_for_the_platform_of_its_folder(string file, string? platform) => Assert.Equal(platform, SampleAssemblies.PlatformOf(file));

    [Fact]
    public void A_distributions_own_runtime_takes_what_is_portable()
    {
        if (!OperatingSystem.IsLinux())
            return;
        string architecture = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

        Assert.Equal(["ubuntu.24.04-x", $"linux-{architecture}", "linux", "unix", "any"], SampleAssemblies.PlatformsOf("ubuntu.24.04-x"));
        Assert.Equal(["alpine.3.20-x", $"linux-musl-{architecture}", "linux-musl", "linux", "unix", "any"], SampleAssemblies.PlatformsOf("alpine.3.20-x"));
    }

    [Fact]
    public void A_temporary_file_has_no_name_and_readers_of_their_own()
    {
        using var file = new TemporaryFile();
        using (Stream writer = file.Open())
            writer.Write([1, 2, 3]);
        using Stream one = file.Open();
        using Stream other = file.Open();

        Assert.Equal([1, 1, 2, 3], [one.ReadByte(), other.ReadByte(), other.ReadByte(), other.ReadByte()]);
        if (OperatingSystem.IsLinux())
            Assert.EndsWith(" (deleted)", new FileInfo($"/proc/self/fd/{file.Handle().DangerousGetHandle()}").LinkTarget, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void A_class_calibrates_as_a_file_of_the_same_samples_does()
    {
        // The same numbers on both ways: sines of a fixed order.
        Compile("""
            static class Made
            {
                static IEnumerable<IReadOnlyDictionary<string, float[]>> Samples() => Enumerable.Range(0, 20)
                    .Select(i => new Dictionary<string, float[]> { ["image"] = Enumerable.Range(0, 64).Select(j => MathF.Round(MathF.Sin(i + (j * 0.37f)), 3)).ToArray() });
            }
            """);
        File.WriteAllLines(_folder["samples.jsonl"], Enumerable.Range(0, 20).Select(i => JsonSerializer.Serialize(new Dictionary<string, float[][][][]>
        {
            ["image"] = [[[.. Enumerable.Range(0, 64).Select(j => MathF.Round(MathF.Sin(i + (j * 0.37f)), 3)).Chunk(8)]]],
        })));

        Assert.Equal(Optimize("samples.dll"), Optimize("samples.jsonl"));

        byte[] Optimize(string samples)
        {
            ToolRun run = ToolProcess.Run("optimize", SharedModels.Path("digits/digits-cnn.onnx"), "-o", _folder["out.onnx"], "--quantization", "Static", "--calibration-data", _folder[samples], "--report", _folder["report.json"]);
            Assert.Equal("", run.Error);
            Assert.Contains($"{samples}, 20 samples, four of five", File.ReadAllText(_folder["report.json"]), StringComparison.Ordinal);
            return File.ReadAllBytes(_folder["out.onnx"]);
        }
    }

    /// <summary>Compiles a method of this body, and measures a model on its samples.</summary>
    private ToolRun Verify(string body, params string[] options)
    {
        Compile($$"""
            public static class Made { public static IEnumerable Samples() {
            #line 4
            {{body}} } }
            """);
        return Verify(options);
    }

    private ToolRun Verify(params string[] options)
    {
        SampleModels.WriteDense(_folder["a.onnx"]);
        return ToolProcess.Run(["verify", _folder["a.onnx"], _folder["a.onnx"], "--data", _folder["samples.dll"], .. options]);
    }

    private void Move(string folder)
    {
        Directory.CreateDirectory(_folder[folder]);
        string path = Directory.EnumerateFiles(_folder.Path, "library.dll", SearchOption.AllDirectories).Single();
        File.Move(path, Path.Combine(_folder[folder], "library.dll"));
    }

    private void Compile(string source, params MetadataReference[] more) => Emit("samples", Usings + source, _folder["samples.dll"], more);

    /// <summary>A library in the folder.</summary>
    private PortableExecutableReference Library(string name, string source)
    {
        Emit(name, source, _folder[name + ".dll"]);
        return MetadataReference.CreateFromImage(File.ReadAllBytes(_folder[name + ".dll"]));
    }

    private static void Emit(string name, string source, string path, params MetadataReference[] more)
    {
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path));
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, path: "samples.cs", encoding: System.Text.Encoding.UTF8);
        using FileStream assembly = File.Create(path);
        EmitResult result = CSharpCompilation.Create(name, [tree], references.Concat(more), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .Emit(assembly, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
