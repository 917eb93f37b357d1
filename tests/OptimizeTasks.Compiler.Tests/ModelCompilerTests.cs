using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests;

public class ModelCompilerTests
{
    [Fact]
    public void Every_run_of_a_pass_is_reported_with_its_number()
    {
        CompilationResult result = Compile(new CompilerOptions());

        Assert.Equal(Enumerable.Range(1, result.Passes.Length), result.Passes.Select(p => p.Step));
        Assert.Contains(result.Changes, p => p.Pass == "RemoveNoOps");
        Assert.Equal(3, result.NodesBefore);
        Assert.Equal(1, result.NodesAfter);
    }

    [Fact]
    public void Level_None_changes_nothing() => Assert.Empty(Compile(new CompilerOptions { Optimization = OptimizationLevel.None }).Changes);

    [Fact]
    public void A_disabled_pass_does_not_run()
    {
        CompilationResult result = Compile(new CompilerOptions { DisabledPasses = ["RemoveNoOps"] });

        Assert.DoesNotContain(result.Passes, p => p.Pass == "RemoveNoOps");
        Assert.Equal(3, result.NodesAfter);
    }

    [Fact]
    public void StopAfter_ends_with_that_pass()
    {
        CompilationResult result = Compile(new CompilerOptions { StopAfter = "RemoveNoOps" });

        Assert.Equal("RemoveNoOps", result.Passes[^1].Pass);
    }

    [Fact]
    public void Steps_end_after_so_many_runs()
    {
        CompilationResult result = new ModelCompiler(new CompilerOptions()).Compile(TwoIdentities(), steps: 2);

        Assert.Equal(2, result.Passes.Length);
    }

    [Fact]
    public void An_unknown_pass_is_refused_with_the_names_of_all()
    {
        var e = Assert.Throws<CompilationException>(() => Compile(new CompilerOptions { DisabledPasses = ["RemoveNoOp"] }));

        Assert.Equal("OPT2004", e.Diagnostic.Code);
        Assert.Contains("RemoveNoOps", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_compilation_ends()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => new ModelCompiler(new CompilerOptions()).Compile(TwoIdentities(), cancellationToken: source.Token));
    }

    private static CompilationResult Compile(CompilerOptions options) => new ModelCompiler(options).Compile(TwoIdentities());

    private static Model TwoIdentities()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2, 3)));
        Value a = graph.Apply("Identity", [x], "a");
        Value b = graph.Apply("Relu", [a], "b");
        graph.AddOutput(graph.Apply("Identity", [b], "y"));
        return new Model(graph) { Opsets = { [""] = 17 } };
    }
}
