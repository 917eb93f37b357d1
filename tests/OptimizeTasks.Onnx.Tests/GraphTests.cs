namespace OptimizeTasks.Onnx.Tests;

public class GraphTests
{
    private readonly Graph _graph = new();

    [Fact]
    public void Replacing_an_output_keeps_its_name()
    {
        Value x = _graph.AddInput("x");
        Value a = _graph.Apply("Relu", [x], "a");
        Value y = _graph.Apply("Identity", [a], "y");
        _graph.AddOutput(y);

        _graph.Replace(y, a);
        _graph.Remove(y.Producer!);

        Assert.Equal("y", a.Name);
        Assert.Same(a, Assert.Single(_graph.Outputs));
        Assert.Equal(["Relu"], _graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void Replacing_an_output_by_an_input_puts_an_identity()
    {
        Value x = _graph.AddInput("x");
        Value y = _graph.Apply("Dropout", [x], "y");
        Node dropout = y.Producer!;
        _graph.AddOutput(y);

        _graph.Replace(y, x);
        _graph.Remove(dropout);

        Assert.Equal("y", Assert.Single(_graph.Outputs).Name);
        Assert.Equal(["Identity"], _graph.Nodes.Select(n => n.OpType));
        Assert.Same(x, _graph.First!.Inputs[0]);
    }

    [Fact]
    public void Uses_inside_subgraphs_count()
    {
        Value x = _graph.AddInput("x");
        Value a = _graph.Apply("Relu", [x], "a");
        var branch = new Graph("then", _graph);
        branch.AddOutput(branch.Apply("Neg", [a], "b"));
        _graph.Apply("If", [x], "y", [new GraphAttribute("then_branch", branch)]);

        Assert.Equal("Neg", Assert.Single(a.Uses).Node.OpType);
    }

    [Fact]
    public void A_subgraph_that_another_node_took_over_survives_its_old_node()
    {
        Value x = _graph.AddInput("x");
        Value a = _graph.Apply("Relu", [x], "a");
        var branch = new Graph("then", _graph);
        branch.AddOutput(branch.Apply("Neg", [a], "b"));
        Node old = _graph.Apply("If", [x], "y", [new GraphAttribute("then_branch", branch)]).Producer!;
        Node replacement = _graph.Apply("If", [x], "z", [old.Attribute("then_branch")!]).Producer!;

        _graph.Remove(old);
        Assert.Single(a.Uses);
        Assert.Same(replacement, branch.Owner);

        replacement.RemoveAttribute("then_branch");
        Assert.Empty(a.Uses);
    }

    [Fact]
    public void Sorting_puts_producers_first_and_finds_cycles()
    {
        Value x = _graph.AddInput("x");
        Node second = _graph.AddNode("Neg", []);
        Value a = _graph.Apply("Relu", [x], "a");
        second.SetInput(0, a);
        Assert.Equal(["Neg", "Relu"], _graph.Nodes.Select(n => n.OpType));

        _graph.Sort();
        Assert.Equal(["Relu", "Neg"], _graph.Nodes.Select(n => n.OpType));

        Value b = _graph.AddValue("b");
        second.SetOutput(0, b);
        a.Producer!.SetInput(0, b);
        Assert.Throws<ModelFormatException>(_graph.Sort);
    }

    [Fact]
    public void Nodes_can_be_removed_while_they_are_walked()
    {
        Value x = _graph.AddInput("x");
        for (int i = 0; i < 5; i++)
            _graph.Apply("Relu", [x], "a");

        foreach (Node node in _graph.Nodes)
            _graph.Remove(node);

        Assert.Equal(0, _graph.NodeCount);
        Assert.Single(_graph.Values);
    }
}
