using System.Text;
using OptimizeTasks.Testing.Operators;

namespace OptimizeTasks.Onnx.Tests.Operators;

/// <summary>The catalogue itself: it is complete, and leaves out what ONNX Runtime cannot run. That the rest runs, <see cref="ShapeTests"/> show.</summary>
public class CatalogueTests
{
    /// <summary>Names that ONNX Runtime takes in ONNX's own domain, and why they have no case.</summary>
    private static readonly Dictionary<string, string> s_withoutCase = new(StringComparer.Ordinal)
    {
        ["Affine"] = "an experiment that ONNX took back",
        ["Crop"] = "an experiment that ONNX took back",
        ["DynamicSlice"] = "an experiment that ONNX took back",
        ["GRUUnit"] = "an experiment that ONNX took back",
        ["GivenTensorFill"] = "an experiment that ONNX took back",
        ["ImageScaler"] = "an experiment that ONNX took back",
        ["MemcpyFromHost"] = "ONNX Runtime puts it between providers; files do not have it",
        ["MemcpyToHost"] = "ONNX Runtime puts it between providers; files do not have it",
        ["ParametricSoftplus"] = "an experiment that ONNX took back",
        ["Scale"] = "an experiment that ONNX took back",
        ["ScaledTanh"] = "an experiment that ONNX took back",
    };

    /// <summary>Once there is a kernel, the version takes part in the tests.</summary>
    [Fact]
    public void What_is_said_to_have_no_kernel_has_none()
    {
        foreach (OperatorCase c in OperatorCases.All)
        {
            foreach (long opset in c.OpsetsWithoutKernel)
                Assert.Contains("Could not find an implementation", Fault(c, opset), StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// ONNX Runtime does not list its operators, but their names stand in its library: every text in there that it takes for
    /// an operator must have a case.
    /// </summary>
    [Theory]
    [InlineData(OperatorCases.NewestOpset)]
    [InlineData(9)]
    [Trait("Lane", "Long")]
    public void No_operator_is_missing(long opset)
    {
        HashSet<string> known = [.. s_withoutCase.Keys, .. OperatorCases.Operators.Where(o => o.Domain.Length == 0).Select(o => o.OpType)];
        SortedSet<string> names = NamesInLibrary();

        Assert.Empty(known.Except(names));
        Assert.DoesNotContain(names.Except(known), name => IsOperator(name, opset));
        Assert.All(s_withoutCase.Keys, name => Assert.True(IsOperator(name, 9)));
    }

    private static string? Fault(OperatorCase c, long opset)
    {
        try
        {
            OperatorRun.Run(c.Build(opset), c.Draw(0));
            return null;
        }
        catch (Exception e)
        {
            return $"{c.Name}, version {opset}: {e.Message}";
        }
    }

    private static bool IsOperator(string name, long opset)
    {
        var graph = new Graph("one");
        graph.AddOutput(graph.Apply(name, [graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)))], "y"));
        var model = new Model(graph) { IrVersion = 10, Opsets = { [""] = opset } };
        try
        {
            using var run = new OperatorRun(model);
            return true;
        }
        catch (Exception e)
        {
            return !e.Message.Contains($"No Op registered for {name}", StringComparison.Ordinal) && !e.Message.Contains("is not a registered function/op", StringComparison.Ordinal);
        }
    }

    /// <summary>Words that end with a zero byte; linkers let a word be the end of another one.</summary>
    private static SortedSet<string> NamesInLibrary()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        string library = Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime.*", SearchOption.AllDirectories)
            .First(f => Path.GetFileName(f) is "libonnxruntime.so" or "onnxruntime.dll" or "libonnxruntime.dylib");
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(library);
        while (!bytes.IsEmpty)
        {
            int length = bytes.IndexOf((byte)0);
            ReadOnlySpan<byte> text = length < 0 ? bytes : bytes[..length];
            int start = text.Length;
            while (start > 0 && char.IsAsciiLetterOrDigit((char)text[start - 1]) && text.Length - start < 50)
                start--;
            for (int i = start; i < text.Length; i++)
            {
                if (char.IsAsciiLetterUpper((char)text[i]))
                    names.Add(Encoding.ASCII.GetString(text[i..]));
            }

            bytes = bytes[(length < 0 ? bytes.Length : length + 1)..];
        }

        return names;
    }
}
