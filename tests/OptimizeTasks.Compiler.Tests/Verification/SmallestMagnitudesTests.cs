using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Verification;

public sealed class SmallestMagnitudesTests
{
    [Theory]
    [InlineData("Sigmoid", "Identity", SmallestMagnitudes.OfProbabilities)]
    [InlineData("Softmax", "Transpose", SmallestMagnitudes.OfProbabilities)]
    [InlineData("Relu", "Identity", SmallestMagnitudes.Default)]
    [InlineData("Sigmoid", "Log", SmallestMagnitudes.Default)]
    public void Probabilities_are_recognised_behind_what_moves_them(string source, string mover, double expected)
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        graph.AddOutput(graph.Apply(mover, [graph.Apply(source, [x], "p")], "y"));

        Assert.Equal(expected, SmallestMagnitudes.Of(graph)["y"]);
    }

    [Fact]
    public void The_roundoff_of_one_is_no_difference_of_probabilities_and_more_is()
    {
        Tensor original = Tensor.Create(ElementType.Float, [2], [1e-5f, 2e-5f]);
        Tensor rounded = Tensor.Create(ElementType.Float, [2], [1e-5f + 1.2e-7f, 2e-5f]);
        Tensor wrong = Tensor.Create(ElementType.Float, [2], [2e-5f, 2e-5f]);

        Assert.True(OutputComparer.Compare("y", original, rounded, 1e-4, SmallestMagnitudes.OfProbabilities).Agrees);
        Assert.False(OutputComparer.Compare("y", original, rounded, 1e-4).Agrees);
        Assert.False(OutputComparer.Compare("y", original, wrong, 1e-4, SmallestMagnitudes.OfProbabilities).Agrees);
    }
}
