using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using OptimizeTasks.Testing;

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

    private void Compile(string source)
    {
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path));
        SyntaxTree tree = CSharpSyntaxTree.ParseText(Usings + source, path: "samples.cs", encoding: System.Text.Encoding.UTF8);
        using FileStream assembly = File.Create(_folder["samples.dll"]);
        EmitResult result = CSharpCompilation.Create("samples", [tree], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .Emit(assembly, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
