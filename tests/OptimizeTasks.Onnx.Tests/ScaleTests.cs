using System.Diagnostics;

namespace OptimizeTasks.Onnx.Tests;

public class ScaleTests
{
    private const int Many = 100_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_value_with_many_uses_is_replaced_quickly()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        Value constant = graph.AddInitializer("c", Tensor.OfFloat(1));
        for (int i = 0; i < Many; i++)
            graph.Apply("Add", [x, constant], "a");
        Value other = graph.AddInitializer("d", Tensor.OfFloat(1));

        var watch = Stopwatch.StartNew();
        graph.Replace(constant, other);
        foreach (Node node in graph.Nodes)
            graph.Remove(node);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_limit);
        Assert.Empty(constant.Uses);
        Assert.Empty(other.Uses);
    }

    [Fact]
    public void Many_initializers_are_removed_quickly()
    {
        var graph = new Graph();
        for (int i = 0; i < Many; i++)
            graph.AddInitializer("c", Tensor.OfFloat(1));

        var watch = Stopwatch.StartNew();
        foreach (Value value in graph.Initializers.ToArray())
            Assert.True(graph.RemoveIfDead(value));

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_limit);
        Assert.Empty(graph.Initializers);
        Assert.Empty(graph.Values);
    }

    [Fact]
    public void Uses_stay_right_whatever_the_order_of_edits()
    {
        var graph = new Graph();
        Value[] values = [.. Enumerable.Range(0, 3).Select(i => graph.AddInput("x" + i))];
        Node[] nodes = [.. Enumerable.Range(0, 4).Select(_ => graph.AddNode("Op", []))];
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            Node node = nodes[random.Next(nodes.Length)];
            if (random.Next(10) == 0)
                node.TruncateInputs(random.Next(3));
            else
                node.SetInput(random.Next(5), random.Next(4) is var n && n < 3 ? values[n] : null);
        }

        foreach (Value value in values)
        {
            IEnumerable<Use> expected = nodes.SelectMany(n => n.Inputs.Select((input, index) => (Use: new Use(n, index), Input: input))).Where(u => u.Input == value).Select(u => u.Use);
            Assert.Equal(expected.ToHashSet(), value.Uses.ToHashSet());
            Assert.Equal(value.Uses.Count, value.Uses.Distinct().Count());
        }
    }

    [Fact]
    public void An_initializer_that_is_taken_and_given_back_is_listed_once()
    {
        var graph = new Graph();
        Value a = graph.AddInitializer("a", Tensor.OfFloat(1));
        Value b = graph.AddInitializer("b", Tensor.OfFloat(2));
        graph.SetInitializer(a, null);
        Assert.Equal([b], graph.Initializers);
        graph.SetInitializer(b, null);
        graph.SetInitializer(b, Tensor.OfFloat(3));
        graph.SetInitializer(a, Tensor.OfFloat(4));
        Assert.Equal([b, a], graph.Initializers);
    }

    [Fact]
    public void Many_nodes_are_read_and_written()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        for (int i = 0; i < Many / 10; i++)
            x = graph.Apply("Relu", [x], "a");
        graph.AddOutput(x);
        byte[] bytes = ModelWriter.ToBytes(SmallModel.Around(graph));

        Model model = ModelReader.Read(bytes);
        Assert.Equal(Many / 10, model.Graph.NodeCount);
        Assert.True(bytes.AsSpan().SequenceEqual(ModelWriter.ToBytes(model)));
    }
}
