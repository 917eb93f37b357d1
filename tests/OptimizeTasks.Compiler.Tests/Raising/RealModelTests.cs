using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>How much of real models is raised.</summary>
public class RealModelTests
{
    [SharedModelTheory]
    [InlineData("transformers/bert-tiny.onnx", false)]
    [InlineData("transformers/bert-toy-raw.onnx", false)]
    [InlineData("transformers/gpt2-past.onnx", true)]
    [InlineData("transformers/gpt2-tiny.onnx", true)]
    [InlineData("transformers/llama-tiny.onnx", true)]
    [InlineData("vision/swin-tiny.onnx", false)]
    [InlineData("vision/vit-tiny.onnx", false)]
    public void Every_attention_is_one_node(string name, bool hasPast)
    {
        using CompilationResult result = new ModelCompiler(new CompilerOptions { DisabledPasses = ["LowerOpset"], Engine = Engine.Portable }, new InProcessRunner()).Compile(SharedModels.Path(name));

        Node[] attention = [.. result.Model.Graph.Nodes.Where(n => n.Is("Attention"))];
        Assert.Equal(result.OperatorsBefore["Softmax"], attention.Length);
        Assert.All(attention, n => Assert.Equal(hasPast, n.Input(4) is not null));
        Assert.DoesNotContain(result.Model.Graph.Nodes, n => n.Is("Softmax"));
    }
}
