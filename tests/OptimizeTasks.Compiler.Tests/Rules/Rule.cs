using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Small models that a rule applies to, or does not.</summary>
internal static class Rule
{
    /// <summary>A model with one output, that of the function.</summary>
    public static Model Model(long opset, Func<Graph, Value> build, bool output = true)
    {
        var graph = new Graph("test");
        Value result = build(graph);
        if (output)
            graph.AddOutput(result);
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = opset } };
    }

    /// <summary>A float input of this shape.</summary>
    public static Value Input(this Graph graph, params long[] sizes) => graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(sizes)));

    /// <summary>A float input with symbolic sizes.</summary>
    public static Value Input(this Graph graph, params string[] symbols) =>
        graph.AddInput("x", new TensorType(ElementType.Float, new Shape(symbols.Select(s => long.TryParse(s, out long size) ? Dimension.Of(size) : Dimension.OfSymbol(s)))));

    /// <summary>A constant of random floats between ½ and 1½.</summary>
    public static Value Weight(this Graph graph, string name, params long[] sizes)
    {
        var random = new Random(name.Length);
        return graph.AddInitializer(name, Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() + 0.5f)]));
    }

    public static Value Floats(this Graph graph, params float[] values) => graph.AddInitializer("c", Tensor.Create<float>(ElementType.Float, [values.Length], values));

    public static Value Scalar(this Graph graph, float value) => graph.AddInitializer("c", Tensor.OfFloat(value));

    public static Value Ints(this Graph graph, params long[] values) => graph.AddInitializer("i", Tensor.OfInt64(values));

    public static NodeAttribute Int(string name, long value) => new IntAttribute(name, value);

    public static NodeAttribute IntList(string name, params long[] values) => new IntsAttribute(name, [.. values]);

    public static NodeAttribute Text(string name, string value) => new StringAttribute(name, value);

    public static NodeAttribute Number(string name, float value) => new FloatAttribute(name, value);

    /// <summary>Compiles, and checks that the result computes the same on drawn inputs. Leaves the given model alone.</summary>
    public static CompilationResult Compile(Model model, CompilerOptions? options = null, double tolerance = 1e-5)
    {
        byte[] bytes = ModelWriter.ToBytes(model);
        var compiler = new ModelCompiler(options ?? new CompilerOptions(), new InProcessRunner());
        CompilationResult result = compiler.Compile(ModelReader.Read(bytes));
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result.Model));

        foreach (long size in new long[] { 1, 3 })
        {
            Dictionary<string, Tensor> inputs = Agreement.Draw(compiled.Graph, size);
            Assert.InRange(Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(compiled, inputs)), 0, tolerance);
        }

        return result;
    }

    /// <summary>The operators of the compiled model in order, separated by spaces.</summary>
    public static string Operators(Model model, CompilerOptions? options = null) =>
        string.Join(' ', Compile(model, options).Model.Graph.Nodes.Select(n => n.OpType));
}
