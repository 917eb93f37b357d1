using OptimizeTasks.Compiler.Searching;

namespace OptimizeTasks.Compiler.Tests.Searching;

public sealed class AssignmentTests
{
    [Fact]
    public void Without_a_bound_every_layer_is_in_its_fastest_format()
    {
        SearchLayer[] layers = [Layer("a", (-3, 0.1), (-5, 0.2)), Layer("b", (1, 0.1))];

        Assignment assignment = Assignment.Fastest(layers);

        Assert.Equal([-5, 0], layers.Select(layer => assignment.Choices[layer].Cost));
        Assert.Equal(0.2, assignment.PredictedError, 12);
    }

    [Fact]
    public void Errors_of_independent_layers_add_up_as_squares()
    {
        SearchLayer[] layers = [Layer("a", (-1, 0.3)), Layer("b", (-1, 0.4))];

        Assert.Equal(0.5, Assignment.Fastest(layers).PredictedError, 12);
    }

    [Fact]
    public void The_layer_that_loses_least_time_for_its_error_becomes_exact_first()
    {
        SearchLayer cheap = Layer("cheap", (-1, 0.3)), dear = Layer("dear", (-10, 0.3));

        Assignment within = Assignment.Fastest([cheap, dear]).Within(0.35);

        Assert.Equal(0, within.Choices[cheap].Cost);
        Assert.Equal(-10, within.Choices[dear].Cost);
    }

    [Fact]
    public void A_layer_becomes_no_more_exact_than_needed()
    {
        SearchLayer layer = Layer("a", (-10, 0.3), (-9, 0.05));

        Assert.Equal(-9, Assignment.Fastest([layer]).Within(0.1).Choices[layer].Cost);
        Assert.Equal(0, Assignment.Fastest([layer]).Within(0.01).Choices[layer].Cost);
    }

    [Fact]
    public void Infinite_errors_are_left_first()
    {
        SearchLayer broken = Layer("a", (-10, double.PositiveInfinity)), sound = Layer("b", (-1, 0.1));

        Assignment within = Assignment.Fastest([broken, sound]).Within(0.2);

        Assert.Equal(0, within.Choices[broken].Cost);
        Assert.Equal(-1, within.Choices[sound].Cost);
    }

    [Fact]
    public void Many_nodes_are_judged_together_within_their_kind()
    {
        PlannedNode[] nodes = [.. Enumerable.Range(0, 10).Select(i => new PlannedNode { Node = $"n{i}", Operator = "MatMul", Weights = i < 6 ? 4096 : 9999, Format = WeightFormat.Float })];

        SearchLayer[] layers = [.. SearchLayer.Of(nodes, 5)];

        Assert.Equal([["n0", "n1"], ["n2", "n3"], ["n4", "n5"], ["n6", "n7"], ["n8", "n9"]], layers.Select(layer => layer.Nodes.ToArray()));
        Assert.Equal(2, layers.Select(layer => layer.Kind).Distinct().Count());
    }

    [Fact]
    public void What_has_no_weights_goes_with_the_weights_before_it()
    {
        PlannedNode[] nodes =
        [
            .. new[] { ("pool", 0), ("conv1", 100), ("relu", 0), ("add", 0), ("conv2", 100) }.Select(node => new PlannedNode { Node = node.Item1, Operator = "Any", Weights = node.Item2, Format = WeightFormat.Static }),
        ];

        Assert.Equal([["pool"], ["conv1", "relu", "add"], ["conv2"]], SearchLayer.Of(nodes, 10).Select(layer => layer.Nodes.ToArray()));
    }

    private static SearchLayer Layer(string name, params ReadOnlySpan<(double Cost, double Error)> choices)
    {
        var layer = new SearchLayer([name], name);
        foreach ((double cost, double error) in choices)
            layer.Choices.Add(new SearchChoice(QuantizationMode.Int8, cost, error * error));
        return layer;
    }
}
