using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Simplification;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests;

public class PassTests
{
    /// <summary>Shapes are not inferred again behind such a pass.</summary>
    [SharedModelTheory]
    [InlineData("transformers/gpt2-past.onnx")]
    [InlineData("transformers/llama-tiny.onnx")]
    [InlineData("vision/swin-tiny.onnx")]
    public void A_pass_that_reports_no_change_leaves_the_model_as_it_is(string name)
    {
        using Model model = ModelReader.Read(SharedModels.Path(name));
        var context = new PassContext(model, new CompilerOptions(), new InProcessRunner(), _ => { }, name, CancellationToken.None);
        int idle = 0;
        foreach (Pass pass in Pipeline.Stages.SelectMany(s => Enumerable.Repeat(s.Passes, s.Rounds).SelectMany(p => p)))
        {
            byte[] before = ModelWriter.ToBytes(model);
            int changes = pass.Run(model.Graph, context);
            context.ShapesAreStale |= changes > 0;
            if (changes > 0 || pass is InferShapes)
                continue;
            Assert.True(before.AsSpan().SequenceEqual(ModelWriter.ToBytes(model)), $"{pass.Name} changed something");
            idle++;
        }

        Assert.True(idle > 10);
    }

    [Fact]
    public void Shapes_are_inferred_again_only_behind_a_change()
    {
        var graph = new Graph();
        graph.AddOutput(graph.Apply("Relu", [graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2, 3)))], "y"));
        var context = new PassContext(new Model(graph) { Opsets = { [""] = 24 } }, new CompilerOptions(), null, _ => { }, null, CancellationToken.None);
        var pass = new InferShapes();

        pass.Run(graph, context);
        ShapeFacts? first = context.Facts;
        pass.Run(graph, context);
        Assert.Same(first, context.Facts);

        context.ShapesAreStale = true;
        pass.Run(graph, context);
        Assert.NotSame(first, context.Facts);
    }
}
