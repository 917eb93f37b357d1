using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Models small enough to be made for one test.</summary>
internal static class SampleModels
{
    /// <summary>y = Relu(x · w), with two no-ops around it.</summary>
    public static void WriteDense(string path, bool externalData = false, float scale = 1, int columns = 512)
    {
        var graph = new Graph("dense");
        Value x = graph.AddInput("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(4)));
        float[] weights = [.. Enumerable.Range(0, 4 * columns).Select(i => scale * MathF.Sin(i))];
        Value w = graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [4, columns], weights));
        Value a = graph.Apply("Identity", [x], "a");
        Value b = graph.Apply("MatMul", [a, w], "b");
        Value c = graph.Apply("Identity", [b], "c");
        Value y = graph.Apply("Relu", [c], "y");
        y.Type = Float(Dimension.OfSymbol("batch"), Dimension.Of(columns));
        graph.AddOutput(y);
        Write(graph, path, externalData);
    }

    /// <summary>y = x · tanh(softplus(x)), and half of it; of x times a matrix where it is given columns.</summary>
    public static void WriteMish(string path, int columns = 0)
    {
        var graph = new Graph("mish");
        Value x = graph.AddInput("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(4)));
        if (columns > 0)
        {
            float[] weights = [.. Enumerable.Range(0, 4 * columns).Select(i => MathF.Sin(i))];
            x = graph.Apply("MatMul", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [4, columns], weights))], "dense");
            x.Type = Float(Dimension.OfSymbol("batch"), Dimension.Of(columns));
        }

        Value tanh = graph.Apply("Tanh", [graph.Apply("Softplus", [x], "softplus")], "tanh");
        Value half = graph.Apply("Mul", [graph.Apply("Mul", [x, tanh], "mish"), graph.AddInitializer("half", Tensor.OfFloat(0.5f))], "y");
        half.Type = x.Type;
        graph.AddOutput(half);
        Write(graph, path);
    }

    /// <summary>y = x, which is one whole number in each row.</summary>
    public static void WriteCopy(string path)
    {
        var graph = new Graph("copy");
        var type = new TensorType(ElementType.Int64, new Shape([Dimension.OfSymbol("batch"), Dimension.Of(1)]));
        Value y = graph.Apply("Identity", [graph.AddInput("x", type)], "y");
        y.Type = type;
        graph.AddOutput(y);
        Write(graph, path);
    }

    /// <summary>A model that runs for ages.</summary>
    public static void WriteEndless(string path)
    {
        var graph = new Graph("endless");
        Value x = graph.AddInput("x", Float(Dimension.Of(4)));
        var body = new Graph("body", graph);
        body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value go = body.AddInput("go", new TensorType(ElementType.Bool, Shape.Scalar));
        Value state = body.AddInput("state", Float(Dimension.Of(4)));
        body.AddOutput(body.Apply("Identity", [go], "go_on"));
        body.AddOutput(body.Apply("Sin", [state], "state_out"));
        Value trips = graph.AddInitializer("trips", Tensor.Create<long>(ElementType.Int64, [], [long.MaxValue]));
        Value y = graph.Apply("Loop", [trips, null, x], "y", [new GraphAttribute("body", body)]);
        y.Type = Float(Dimension.Of(4));
        graph.AddOutput(y);
        Write(graph, path);
    }

    private static void Write(Graph graph, string path, bool externalData = false)
    {
        using var model = new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ModelWriter.Write(model, path, new WriteOptions { ExternalData = externalData });
    }

    private static TensorType Float(params Dimension[] dimensions) => new(ElementType.Float, new Shape(dimensions));
}
