namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>A small graph whose inferred types are compared with expected ones, and with those of a run.</summary>
internal sealed class Scenario(long opset = 21)
{
    private readonly Dictionary<string, long[]> _choices = new(StringComparer.Ordinal);

    public Graph Graph { get; } = new("scenario");

    /// <summary>An input; sizes are numbers or names.</summary>
    public Value Input(ElementType type, params object[] sizes) => Graph.AddInput(Graph.UniqueName("input"), new TensorType(type, ShapeOf(sizes)));

    /// <summary>A float input.</summary>
    public Value Input(params object[] sizes) => Input(ElementType.Float, sizes);

    /// <summary>A constant of zeros.</summary>
    public Value Zeros(params long[] sizes) =>
        Graph.AddInitializer("zeros", Tensor.Create(ElementType.Float, sizes, new float[sizes.Aggregate(1L, (count, size) => count * size)]));

    /// <summary>A constant list of integers.</summary>
    public Value List(params long[] elements) => Graph.AddInitializer("list", Tensor.OfInt64(elements));

    /// <summary>A constant integer.</summary>
    public Value Number(long element) => Graph.AddInitializer("number", Tensor.Create(ElementType.Int64, [], [element]));

    /// <summary>A constant list of floats.</summary>
    public Value Floats(params float[] elements) => Graph.AddInitializer("floats", Tensor.Create(ElementType.Float, [elements.Length], elements));

    public Value Apply(string opType, Value?[] inputs, params NodeAttribute[] attributes) => Graph.Apply(opType, inputs, "value", attributes);

    public Value ApplyContrib(string opType, Value?[] inputs, params NodeAttribute[] attributes) => Graph.Apply(opType, inputs, "value", attributes, "com.microsoft");

    /// <summary>A node with several outputs.</summary>
    public Value[] ApplyMany(string opType, int outputs, Value?[] inputs, params NodeAttribute[] attributes)
    {
        Node node = Graph.AddNode(opType, inputs);
        foreach (NodeAttribute attribute in attributes)
            node.SetAttribute(attribute);
        for (int i = 0; i < outputs; i++)
            node.SetOutput(i, Graph.AddValue(Graph.UniqueName("value")));
        return [.. node.Outputs.Select(o => o!)];
    }

    /// <summary>The sizes to draw a symbol from, instead of 1 to 4.</summary>
    public Scenario Sizes(string symbol, params long[] sizes)
    {
        _choices[symbol] = sizes;
        return this;
    }

    /// <summary>Infers, expects these shapes as text, each with a type, and compares every value with a run.</summary>
    public ShapeFacts Check(params (Value Value, ElementType Type, string Shape)[] expected)
    {
        byte[] bytes = ModelWriter.ToBytes(Model());
        Model model = Model();
        ShapeFacts facts = ShapeInference.Run(model);
        foreach ((Value value, ElementType type, string shape) in expected)
            Assert.Equal($"{type}{shape}", $"{value.ElementType}{value.Shape}");
        Assert.Empty(Truth.Faults(model, facts, ModelReader.Read(bytes), Draw, runs: 5));
        return facts;
    }

    /// <summary>As <see cref="Check(ValueTuple{Value, ElementType, string}[])"/>, for float values.</summary>
    public ShapeFacts Check(Value value, string shape) => Check((value, ElementType.Float, shape));

    /// <summary>Infers and compares with a run, and expects elements as text.</summary>
    public void CheckElements(Value value, string elements)
    {
        ShapeFacts facts = Check();
        Assert.Equal(elements, facts.ValueOf(value) is { } followed ? string.Join(", ", followed) : "-");
    }

    /// <summary>The graph as a model.</summary>
    public Model Model()
    {
        if (Graph.Outputs.Count == 0)
            Graph.AddOutput(Graph.Last!.Outputs[0]!);
        var model = new Model(Graph) { IrVersion = 10 };
        model.Opsets[""] = opset;
        model.Opsets["com.microsoft"] = 1;
        return model;
    }

    private static Shape ShapeOf(object[] sizes) => new(sizes.Select(size => size is string name ? Dimension.OfSymbol(name) : Dimension.Of(Convert.ToInt64(size, null))));

    private Func<string, long?> Draw(IReadOnlyList<string> symbols, Random random)
    {
        var sizes = symbols.ToDictionary(s => s, s => _choices.TryGetValue(s, out long[]? choices) ? choices[random.Next(choices.Length)] : random.Next(1, 5), StringComparer.Ordinal);
        return symbol => sizes.TryGetValue(symbol, out long size) ? size : null;
    }
}

/// <summary>Short forms of attributes.</summary>
internal static class Attributes
{
    public static NodeAttribute Int(string name, long value) => new IntAttribute(name, value);

    public static NodeAttribute Ints(string name, params long[] values) => new IntsAttribute(name, [.. values]);

    public static NodeAttribute Text(string name, string value) => new StringAttribute(name, value);

    public static NodeAttribute Type(string name, ElementType type) => new IntAttribute(name, (long)type);
}
