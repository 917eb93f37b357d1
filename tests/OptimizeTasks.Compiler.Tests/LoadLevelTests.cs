using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Tests;

public class LoadLevelTests
{
    [Theory]
    [InlineData("Conv", LoadOptimization.All)]
    [InlineData("MaxPool", LoadOptimization.All)]
    [InlineData("MatMul", LoadOptimization.All)]
    [InlineData("LayerNormalization", LoadOptimization.All)]
    [InlineData("DequantizeLinear", LoadOptimization.All)]
    [InlineData("Add", LoadOptimization.Basic)]
    [InlineData("LSTM", LoadOptimization.Basic)]
    [InlineData("StringNormalizer", LoadOptimization.Basic)]
    public void The_operators_decide(string opType, LoadOptimization expected)
    {
        Assert.Equal(expected, LoadLevel.Of(GraphWith(opType)));

        var outer = new Graph("outer");
        outer.Apply("If", [outer.AddInput("condition")], "y", [new GraphAttribute("then_branch", GraphWith(opType, outer)), new GraphAttribute("else_branch", new Graph("else", outer))]);
        Assert.Equal(expected, LoadLevel.Of(outer));
    }

    [Fact]
    public void A_model_without_nodes_needs_nothing() => Assert.Equal(LoadOptimization.Basic, LoadLevel.Of(new Graph("empty")));

    [SharedModelTheory]
    [InlineData("vision/mobilenet-v2-0.35.onnx")]
    [InlineData("transformers/bert-tiny.onnx")]
    [InlineData("speech/silero-vad-v5.onnx")]
    public void Real_models_keep_what_the_runtime_does_for_them(string name)
    {
        using CompilationResult result = new ModelCompiler(new CompilerOptions()).Compile(SharedModels.Path(name));

        Assert.Equal(LoadOptimization.All, result.LoadOptimization);
    }

    [Theory]
    [InlineData(ExternalWeights.Worthwhile - 4, null, false)]
    [InlineData(ExternalWeights.Worthwhile, null, true)]
    [InlineData(ExternalWeights.Worthwhile, false, false)]
    [InlineData(4, true, true)]
    public void Many_weights_go_to_a_file_of_their_own(long bytes, bool? asked, bool expected)
    {
        var graph = new Graph("g");
        graph.AddInitializer("w", new Tensor(ElementType.Float, [bytes / 4], new MemoryData(new byte[bytes])));

        Assert.Equal(expected, ExternalWeights.Of(graph, asked).ExternalData);
    }

    private static Graph GraphWith(string opType, Graph? outer = null)
    {
        var graph = new Graph("g", outer);
        graph.AddOutput(graph.Apply(opType, [graph.AddInput("x")], "y"));
        return graph;
    }
}
