using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>Builds graphs the way PyTorch's exporter writes modules: constants are nodes, shapes are computed.</summary>
internal sealed class ModuleBuilder
{
    private readonly Graph _graph = new("main_graph");
    private readonly long _opset;
    private string _scope = "";
    private ulong _seed;

    public ModuleBuilder(long opset, ulong seed)
    {
        _opset = opset;
        _seed = seed << 40;
    }

    public Value Input(string name, params IEnumerable<string> dimensions) =>
        _graph.AddInput(name, new TensorType(ElementType.Int64, new Shape(dimensions.Select(Dimension.OfSymbol))));

    public void Output(string name, Value value, Shape shape)
    {
        value.Name = name;
        value.Type = new TensorType(ElementType.Float, shape);
        _graph.AddOutput(value);
    }

    public Model Build()
    {
        var model = new Model(_graph) { IrVersion = 8, ProducerName = "OptimizeTasks.Benchmarks" };
        model.Opsets[""] = _opset;
        return model;
    }

    /// <summary>Names what is built meanwhile after a module.</summary>
    public T In<T>(string module, Func<T> build)
    {
        string outer = _scope;
        _scope += "/" + module;
        T result = build();
        _scope = outer;
        return result;
    }

    public Value Apply(string opType, params IEnumerable<Value?> inputs) => Apply(opType, [], inputs);

    public Value Apply(string opType, NodeAttribute[] attributes, params IEnumerable<Value?> inputs) =>
        _graph.Apply(opType, inputs, $"{_scope}/{opType}_output_0", attributes);

    public Value Constant(Tensor tensor) => Apply("Constant", [new TensorAttribute("value", tensor)]);

    public Value Constant(float value) => Constant(Tensor.OfFloat(value));

    public Value Scalar(long value) => Constant(Tensor.Create(ElementType.Int64, [], [value]));

    public Value Vector(params long[] values) => Constant(Tensor.OfInt64(values));

    public Value Weight(string name, float scale, params long[] sizes)
    {
        long count = sizes.Aggregate(1L, (a, b) => a * b);
        _seed += 1UL << 32;
        return Initializer(name, new Tensor(ElementType.Float, sizes, new RandomWeights(_seed, count, sizes.Length > 1 ? sizes[^1] : 1, scale)));
    }

    /// <summary>A value of this name under the module's name, with dots as a state dictionary has.</summary>
    public Value Initializer(string name, Tensor tensor) =>
        _graph.AddInitializer(string.Join('.', _scope.Split('/', StringSplitOptions.RemoveEmptyEntries).Append(name)), tensor);

    /// <summary>x·W + b, W transposed by the exporter.</summary>
    public Value Linear(string module, Value x, long inputs, long outputs) => In(module, () =>
    {
        Value product = Apply("MatMul", x, Weight("weight", 0.02f, inputs, outputs));
        return Apply("Add", Weight("bias", 0.02f, outputs), product);
    });

    /// <summary>One node from operator set 17 on, spelled out before.</summary>
    public Value LayerNorm(string module, Value x, long size, float epsilon) => In(module, () =>
    {
        Value weight = Initializer("weight", Ones(size));
        Value bias = Weight("bias", 0.02f, size);
        if (_opset >= 17)
            return Apply("LayerNormalization", [new IntAttribute("axis", -1), new FloatAttribute("epsilon", epsilon)], x, weight, bias);
        Value centred = Apply("Sub", x, Mean(x));
        Value variance = Mean(Apply("Pow", centred, Constant(2)));
        Value deviation = Apply("Sqrt", Apply("Add", variance, Constant(epsilon)));
        return Apply("Add", Apply("Mul", Apply("Div", centred, deviation), weight), bias);
    });

    /// <summary>x·½·(1 + erf(x / √2)).</summary>
    public Value Gelu(Value x)
    {
        Value erf = Apply("Erf", Apply("Div", x, Constant(MathF.Sqrt(2))));
        return Apply("Mul", Apply("Mul", x, Apply("Add", erf, Constant(1))), Constant(0.5f));
    }

    /// <summary>The size of a dimension, as the exporter asks for it.</summary>
    public Value Size(Value x, long axis) => Apply("Gather", [new IntAttribute("axis", 0)], Apply("Shape", x), Scalar(axis));

    /// <summary>Reshapes to [batch, tokens, sizes], the first two as they are in <paramref name="x"/>.</summary>
    public Value Reshape(Value x, params long[] sizes)
    {
        Value batch = Size(x, 0);
        Value tokens = Size(x, 1);
        Value[] parts = [Unsqueeze(batch, 0), Unsqueeze(tokens, 0), .. sizes.Select(size => Vector(size))];
        Value shape = Apply("Concat", [new IntAttribute("axis", 0)], parts);
        return Apply("Reshape", [new IntAttribute("allowzero", 0)], x, shape);
    }

    public Value Unsqueeze(Value x, long axis) => Apply("Unsqueeze", x, Vector(axis));

    public Value Transpose(Value x, params long[] order) => Apply("Transpose", [new IntsAttribute("perm", [.. order])], x);

    public static string Number(string module, int index) => module + "." + index.ToString(CultureInfo.InvariantCulture);

    private Value Mean(Value x) => Apply("ReduceMean", [new IntsAttribute("axes", [-1]), new IntAttribute("keepdims", 1)], x);

    private static Tensor Ones(long count)
    {
        var values = new float[count];
        Array.Fill(values, 1);
        return Tensor.Create<float>(ElementType.Float, [count], values);
    }
}
