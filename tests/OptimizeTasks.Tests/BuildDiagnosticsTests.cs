using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;
using OptimizeTasks.Contract;

namespace OptimizeTasks.Tests;

public class BuildDiagnosticsTests
{
    private readonly RecordingEngine _engine = new();

    [Theory]
    [InlineData("Models/x.onnx")]
    [InlineData("C:\\my models : old\\x (1).onnx")]
    public void What_the_tool_prints_reaches_the_log_as_it_was_meant(string file)
    {
        foreach (DiagnosticDescriptor descriptor in new[] { Diagnostics.ModelTruncated, Diagnostics.VerificationSkipped, Diagnostics.FoldingSkipped })
            Assert.True(TryReport(descriptor.Create("it {0} ends: early", file).ToString()));

        BuildErrorEventArgs error = Assert.Single(_engine.Errors);
        Assert.Equal(("OPT1003", file, "it {0} ends: early. " + Diagnostics.ModelTruncated.Remedy), (error.Code, error.File, error.Message));
        Assert.Equal("file:///docs/diagnostics.md#opt1003", error.HelpLink);
        Assert.Equal("OPT2002", Assert.Single(_engine.Warnings).Code);
        BuildMessageEventArgs message = Assert.Single(_engine.Messages);
        Assert.Equal(("OPT2008", MessageImportance.Low), (message.Code, message.Importance));
    }

    [Theory]
    [InlineData("minilm.onnx → minilm.onnx  586 → 68 nodes, 86.7 → 22.1 MB, error 1.2e-6  [0.9 s]")]
    [InlineData("x : error CS0001: not ours")]
    [InlineData("")]
    public void Other_lines_are_left_alone(string line)
    {
        Assert.False(TryReport(line));
        Assert.Empty(_engine.Errors);
    }

    private bool TryReport(string line) => BuildDiagnostics.TryReport(new TaskLoggingHelper(_engine, "test"), line, "/docs/diagnostics.md");
}
