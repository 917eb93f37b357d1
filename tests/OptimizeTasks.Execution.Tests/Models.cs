using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Tests;

/// <summary>Small models to run.</summary>
internal static class Models
{
    /// <summary>One operator over inputs <c>a</c>, <c>b</c>, … with the output <c>y</c>.</summary>
    public static Model Of(string opType, ElementType type, int inputs = 1, ElementType? outputType = null, params IEnumerable<NodeAttribute> attributes)
    {
        Model model = Empty();
        IEnumerable<Value> values = Enumerable.Range(0, inputs).Select(i => model.Graph.AddInput(((char)('a' + i)).ToString(), new TensorType(type)));
        Value y = model.Graph.Apply(opType, [.. values], "y", attributes);
        y.Type = new TensorType(outputType ?? type);
        model.Graph.AddOutput(y);
        return model;
    }

    /// <summary>A loop that adds 1 to its input for longer than anybody waits, and gives the sum <c>y</c>.</summary>
    public static Model Endless()
    {
        Model model = Empty();
        Value a = model.Graph.AddInput("a", new TensorType(ElementType.Float, Shape.Scalar));
        AddLoop(model.Graph, model.Graph.AddInitializer("count", Tensor.Create<long>(ElementType.Int64, [], [long.MaxValue])), a);
        return model;
    }

    /// <summary>For an input <c>a</c> of any length a loop of so many turns for each <paramref name="length"/> of it, and their number <c>y</c>.</summary>
    public static Model Turns(long length, long turns)
    {
        Model model = Empty();
        Graph graph = model.Graph;
        Value a = graph.AddInput("a", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"))));
        Value count = graph.Apply("Div", [graph.Apply("Size", [a], "size"), Number("length", length)], "lengths");
        AddLoop(graph, graph.Apply("Mul", [count, Number("turns", turns)], "count"), graph.AddInitializer("start", Tensor.OfFloat(0)));
        return model;

        Value Number(string name, long value) => graph.AddInitializer(name, Tensor.Create<long>(ElementType.Int64, [], [value]));
    }

    private static void AddLoop(Graph graph, Value count, Value start)
    {
        Value one = graph.AddInitializer("one", Tensor.OfFloat(1));
        var body = new Graph("body", graph);
        body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value condition = body.AddInput("c", new TensorType(ElementType.Bool, Shape.Scalar));
        Value sum = body.AddInput("s", new TensorType(ElementType.Float, Shape.Scalar));
        Value next = body.Apply("Identity", [condition], "c_out");
        next.Type = condition.Type;
        Value added = body.Apply("Add", [sum, one], "s_out");
        added.Type = sum.Type;
        body.AddOutput(next);
        body.AddOutput(added);
        Value y = graph.Apply("Loop", [count, null, start], "y", [new GraphAttribute("body", body)]);
        y.Type = new TensorType(ElementType.Float, Shape.Scalar);
        graph.AddOutput(y);
    }

    public static Dictionary<string, Tensor> Inputs(params ReadOnlySpan<Tensor> tensors)
    {
        var inputs = new Dictionary<string, Tensor>();
        foreach (Tensor tensor in tensors)
            inputs.Add(((char)('a' + inputs.Count)).ToString(), tensor);
        return inputs;
    }

    private static Model Empty()
    {
        var model = new Model(new Graph("test")) { IrVersion = 10 };
        model.Opsets[""] = 21;
        return model;
    }
}
