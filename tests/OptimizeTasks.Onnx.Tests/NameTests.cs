using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Tests;

public class NameTests
{
    [Fact]
    public void A_node_may_stand_before_the_producer_of_its_input()
    {
        Model model = Read(SmallModel.Message((["b"], ["y"]), (["a"], ["b"]), (["x"], ["a"])));
        Assert.Equal(["node2", "node1", "node0"], model.Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void A_subgraph_may_use_what_is_produced_later()
    {
        ModelProto message = SmallModel.Message((["x"], ["y"]), (["x"], ["late"]));
        message.Graph.Node[0].Attribute.Add(Branch("late"));
        Assert.Equal(["node1", "node0"], Read(message).Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void A_cycle_is_invalid() => Assert.Contains("cycle", Invalid(SmallModel.Message((["x", "b"], ["a"]), (["a"], ["b"]), (["b"], ["y"]))), StringComparison.Ordinal);

    [Fact]
    public void A_cycle_through_a_subgraph_is_invalid()
    {
        ModelProto message = SmallModel.Message((["x"], ["y"]));
        message.Graph.Node[0].Attribute.Add(Branch("y"));
        Assert.Contains("cycle", Invalid(message), StringComparison.Ordinal);
    }

    [Fact]
    public void An_undefined_input_is_invalid() => Assert.Contains("'nowhere'", Invalid(SmallModel.Message((["nowhere"], ["y"]))), StringComparison.Ordinal);

    [Fact]
    public void An_undefined_output_is_invalid() => Assert.Contains("'y'", Invalid(SmallModel.Message((["x"], ["z"]))), StringComparison.Ordinal);

    [Fact]
    public void Two_producers_are_invalid() => Assert.Contains("'y'", Invalid(SmallModel.Message((["x"], ["y"]), (["x"], ["y"]))), StringComparison.Ordinal);

    [Fact]
    public void A_node_that_produces_an_input_is_invalid() => Assert.Contains("'x'", Invalid(SmallModel.Message((["x"], ["x"]))), StringComparison.Ordinal);

    [Fact]
    public void Two_versions_of_an_operator_set_are_invalid()
    {
        ModelProto message = SmallModel.Message((["x"], ["y"]));
        message.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 18 });
        Invalid(message);
    }

    [Fact]
    public void The_last_of_two_constants_of_one_name_counts()
    {
        ModelProto message = SmallModel.Message(([], ["c"]), (["x", "c"], ["y"]), ([], ["c"]));
        message.Graph.Node[0].OpType = message.Graph.Node[2].OpType = "Constant";
        Assert.Equal("node2", Read(message).Graph.Find("c")!.Producer!.Name);
    }

    [Fact]
    public void A_name_in_a_subgraph_hides_the_same_name_outside()
    {
        ModelProto message = SmallModel.Message((["x"], ["y"]));
        AttributeProto branch = Branch("x");
        branch.G.Initializer.Add(new TensorProto { Name = "x", DataType = 1, Dims = { 0 } });
        message.Graph.Node[0].Attribute.Add(branch);
        Model model = Read(message);
        Assert.Single(model.Graph.Find("x")!.Uses);
        Assert.Equal(message, ModelProto.Parser.ParseFrom(ModelWriter.ToBytes(model)));
    }

    [Fact]
    public void A_new_name_is_not_one_of_a_subgraph()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        var branch = new Graph("then", graph);
        branch.AddOutput(branch.Apply("Neg", [x], "inner"));
        Node holder = graph.Apply("If", [x], "y", [new GraphAttribute("then_branch", branch)]).Producer!;

        Assert.NotEqual("inner", graph.UniqueName("inner"));
        graph.Remove(holder);
        Assert.Equal("inner", graph.UniqueName("inner"));
    }

    [Fact]
    public void What_a_name_would_not_find_is_not_written()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x");
        var branch = new Graph("then", graph);
        branch.AddValue("hidden");
        branch.AddOutput(branch.Apply("Neg", [x], "inner"));
        graph.AddOutput(graph.Apply("If", [x], "y", [new GraphAttribute("then_branch", branch)]));
        x.Name = "hidden";
        Assert.Throws<InvalidOperationException>(() => ModelWriter.ToBytes(SmallModel.Around(graph)));
    }

    private static AttributeProto Branch(string input)
    {
        var graph = new GraphProto { Name = "branch" };
        var node = new NodeProto { OpType = "Op" };
        node.Input.Add(input);
        node.Output.Add("inner");
        graph.Node.Add(node);
        graph.Output.Add(new ValueInfoProto { Name = "inner" });
        return new AttributeProto { Name = "branch", Type = AttributeProto.Types.AttributeType.Graph, G = graph };
    }

    private static Model Read(ModelProto message) => ModelReader.Read(message.ToByteArray());

    private static string Invalid(ModelProto message)
    {
        var e = Assert.Throws<ModelFormatException>(() => Read(message));
        Assert.Equal(ModelFault.InvalidGraph, e.Fault);
        return e.Message;
    }
}
