using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests;

public class GraphCopyTests
{
    [Fact]
    public void Sparse_initializers_are_copied()
    {
        var source = new Graph();
        var sparse = new SparseTensor(Tensor.Create<float>(ElementType.Float, [1], [2]), Tensor.OfInt64(3), [10]);
        Value value = source.AddSparseInitializer("s", sparse);
        source.AddOutput(source.Apply("Neg", [value], "y"));
        var target = new Graph();
        target.AddInput("s");

        new GraphCopy().Copy(source, target, null);

        Value copy = Assert.Single(target.SparseInitializers);
        Assert.Same(sparse, copy.SparseInitializer);
        Assert.Same(copy, target.First!.Inputs[0]);
        Assert.NotEqual("s", copy.Name);
    }
}
