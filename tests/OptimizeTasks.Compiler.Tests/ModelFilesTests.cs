using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests;

public sealed class ModelFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_OPT1001() => Assert.Equal("OPT1001", Code(_folder["absent.onnx"]));

    [Fact]
    public void A_text_is_OPT1002()
    {
        File.WriteAllText(_folder["page.onnx"], "<!DOCTYPE html>");
        Assert.Equal("OPT1002", Code(_folder["page.onnx"]));
    }

    [Fact]
    public void A_cut_file_is_OPT1003()
    {
        File.WriteAllBytes(_folder["cut.onnx"], Bytes()[..20]);
        Assert.Equal("OPT1003", Code(_folder["cut.onnx"]));
    }

    [Fact]
    public void Missing_weights_are_OPT1004()
    {
        Write("model.onnx");
        File.Delete(_folder["model.onnx.data"]);
        Assert.Equal("OPT1004", Code(_folder["model.onnx"]));
    }

    [Fact]
    public void A_valid_file_is_read()
    {
        Write("model.onnx");
        using Model model = ModelFiles.Read(_folder["model.onnx"]);
        Assert.Equal(1, model.Graph.NodeCount);
    }

    [Fact]
    public void The_diagnostic_names_the_display_path()
    {
        var e = Assert.Throws<CompilationException>(() => ModelFiles.Read(_folder["absent.onnx"], "Models/absent.onnx"));
        Assert.Equal("Models/absent.onnx", e.Diagnostic.File);
        Assert.DoesNotContain(_folder.Path, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ModelFault.InvalidGraph, "OPT1007")]
    [InlineData(ModelFault.ExternalDataOutside, "OPT1005")]
    public void Every_fault_has_its_code(ModelFault fault, string code) => Assert.Equal(code, ModelFiles.Descriptor(fault).Code);

    private static string Code(string path) => Assert.Throws<CompilationException>(() => ModelFiles.Read(path)).Diagnostic.Descriptor.Code;

    private static byte[] Bytes() => ModelWriter.ToBytes(Model());

    private void Write(string name) => ModelWriter.Write(Model(), _folder[name], new WriteOptions { ExternalData = true, ExternalDataThreshold = 0 });

    private static Model Model()
    {
        var graph = new Graph("g");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)));
        graph.AddOutput(graph.Apply("Add", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [2], [1, 2]))], "y"));
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = 17;
        return model;
    }
}
