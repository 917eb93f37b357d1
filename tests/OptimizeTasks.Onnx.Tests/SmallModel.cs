using OptimizeTasks.Onnx.Protobuf;

namespace OptimizeTasks.Onnx.Tests;

/// <summary>Small models for tests.</summary>
internal static class SmallModel
{
    /// <summary>y = x + w, [count].</summary>
    public static Model Add(int count) => Add(Tensor.Create<float>(ElementType.Float, [count], [.. Enumerable.Range(0, count)]));

    /// <summary>y = x + w for this w.</summary>
    public static Model Add(Tensor w)
    {
        var graph = new Graph("add");
        Value x = graph.AddInput("x", new TensorType(w.ElementType, w.Shape));
        graph.AddOutput(graph.Apply("Add", [x, graph.AddInitializer("w", w)], "y"));
        return Around(graph);
    }

    public static Model Around(Graph graph)
    {
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = 17;
        return model;
    }

    /// <summary>A message with nodes <c>name: inputs → outputs</c>, from <c>x</c> to <c>y</c>.</summary>
    public static ModelProto Message(params (string[] Inputs, string[] Outputs)[] nodes)
    {
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(new ValueInfoProto { Name = "x" });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        foreach ((string[] inputs, string[] outputs) in nodes)
        {
            var node = new NodeProto { Name = "node" + graph.Node.Count, OpType = "Op" };
            node.Input.Add(inputs);
            node.Output.Add(outputs);
            graph.Node.Add(node);
        }

        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return model;
    }
}
