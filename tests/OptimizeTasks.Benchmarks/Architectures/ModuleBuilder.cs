using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>
/// Builds graphs the way PyTorch's tracing exporter writes modules: constants are nodes, sizes are computed where the
/// program asks for them, and parameters that start out equal (the ones and zeros of untrained layers) are stored once and
/// handed on by <c>Identity</c>.
/// </summary>
internal sealed class ModuleBuilder
{
    private readonly Graph _graph = new("main_graph");
    private readonly Dictionary<(string Kind, string Sizes), Value> _tied = [];
    private readonly Dictionary<long, Value> _indices = [];
    private readonly long _opset;
    private string _scope = "";
    private ulong _seed;
    private int _transposed;

    public ModuleBuilder(long opset, ulong seed)
    {
        _opset = opset;
        _seed = seed << 40;
    }

    public Value Input(string name, ElementType type, params IEnumerable<Dimension> dimensions) =>
        _graph.AddInput(name, new TensorType(type, new Shape(dimensions)));

    public void Output(string name, Value value, params IEnumerable<Dimension> dimensions)
    {
        value.Name = name;
        value.Type = new TensorType(ElementType.Float, new Shape(dimensions));
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

    public static string Number(string module, int index) => module + "." + index.ToString(CultureInfo.InvariantCulture);

    public Value Apply(string opType, params IEnumerable<Value?> inputs) => Apply(opType, [], inputs);

    public Value Apply(string opType, NodeAttribute[] attributes, params IEnumerable<Value?> inputs) =>
        _graph.Apply(opType, inputs, OutputName(opType), attributes);

    public Value[] Split(Value x, long axis, params long[] sizes)
    {
        Node node = _graph.AddNode("Split", [x, Vector(sizes)]);
        node.SetAttribute(new IntAttribute("axis", axis));
        for (int i = 0; i < sizes.Length; i++)
            node.SetOutput(i, _graph.AddValue(_graph.UniqueName(OutputName("Split"))));
        node.Name = node.Outputs[0]!.Name;
        return [.. node.Outputs.Select(o => o!)];
    }

    // Constants

    public Value Constant(Tensor tensor) => Apply("Constant", [new TensorAttribute("value", tensor)]);

    public Value Constant(float value) => Constant(Tensor.OfFloat(value));

    public Value Scalar(long value) => Constant(Tensor.Create(ElementType.Int64, [], [value]));

    public Value Vector(params long[] values) => Constant(Tensor.OfInt64(values));

    public Value Floats(float value) => Constant(Tensor.Create<float>(ElementType.Float, [1], [value]));

    /// <summary>What stands at an index; one constant serves every place that asks for this number.</summary>
    public Value Element(Value x, long index, long axis = 0)
    {
        if (!_indices.TryGetValue(index, out Value? number))
            _indices[index] = number = Scalar(index);
        return Apply("Gather", [new IntAttribute("axis", axis)], x, number);
    }

    // Parameters

    public Value Weight(string name, WeightStatistics statistics, params long[] sizes) => Weight(name, statistics, sizes, sizes.Length - 1);

    public Value Weight(string name, WeightStatistics statistics, long[] sizes, int channelAxis)
    {
        _seed += 1UL << 32;
        return Initializer(name, new Tensor(ElementType.Float, sizes, new RandomWeights(_seed, statistics, sizes, channelAxis)));
    }

    /// <summary>A parameter that starts out as others of its kind and sizes do.</summary>
    public Value Tied(string kind, string name, WeightStatistics statistics, params long[] sizes) =>
        Tied(kind, string.Join(',', sizes), name, () => Weight(name, statistics, sizes));

    public Value Tied(string kind, string sizes, string name, Func<Value> create)
    {
        if (!_tied.TryGetValue((kind, sizes), out Value? first))
            return _tied[(kind, sizes)] = create();
        return _graph.Apply("Identity", [first], ParameterName(name), before: _graph.First);
    }

    public Value Zeros(string name, params long[] sizes) => Tied("zeros", name, WeightStatistics.Shift, sizes);

    public Value Ones(string name, params long[] sizes) => Tied("ones", name, WeightStatistics.NormScale, sizes);

    /// <summary>A value of this name under the module's name, with dots as a state dictionary has.</summary>
    public Value Initializer(string name, Tensor tensor) => _graph.AddInitializer(ParameterName(name), tensor);

    // Layers

    /// <summary>x·W + b, W transposed by the exporter; no b where <paramref name="bias"/> is null.</summary>
    public Value Linear(string module, Value x, long inputs, long outputs, Bias? bias = Bias.Random) => In(module, () =>
    {
        Value product = Apply("MatMul", x, Transposed("MatMul", inputs, outputs));
        return bias is { } kind ? Apply("Add", BiasOf(kind, outputs), product) : product;
    });

    /// <summary>x·Wᵀ + b of a matrix x.</summary>
    public Value Gemm(string module, Value x, long inputs, long outputs, Bias bias = Bias.Random) => In(module, () =>
    {
        Value weight = Weight("weight", WeightStatistics.Of(inputs), [outputs, inputs], 0);
        return Apply("Gemm", [new FloatAttribute("alpha", 1), new FloatAttribute("beta", 1), new IntAttribute("transB", 1)], x, weight, BiasOf(bias, outputs));
    });

    /// <summary>A weight that the exporter folded something into, and named after its first use.</summary>
    public Value Transposed(string opType, params long[] sizes) =>
        InRoot(() => Weight($"onnx::{opType}_{(++_transposed).ToString(CultureInfo.InvariantCulture)}", WeightStatistics.Of(sizes[0]), sizes));

    /// <summary>One node from operator set 17 on, spelled out before.</summary>
    public Value LayerNorm(string module, Value x, long size, float epsilon) => In(module, () =>
    {
        Value weight = Ones("weight", size);
        Value bias = Zeros("bias", size);
        if (_opset >= 17)
            return Apply("LayerNormalization", [new IntAttribute("axis", -1), new FloatAttribute("epsilon", epsilon)], x, weight, bias);
        Value centred = Apply("Sub", x, Mean(x));
        Value variance = Mean(Apply("Pow", centred, Constant(2)));
        Value deviation = Apply("Sqrt", Apply("Add", variance, Constant(epsilon)));
        return Apply("Add", Apply("Mul", Apply("Div", centred, deviation), weight), bias);
    });

    /// <summary>A convolution; where <paramref name="folded"/>, the exporter folded the normalisation behind it into its weights.</summary>
    public Value Conv(string module, Value x, Convolution convolution, Bias? bias = Bias.Random, bool folded = false) => In(module, () =>
    {
        long[] sizes = [convolution.Outputs, convolution.Inputs / convolution.Groups, convolution.Kernel, convolution.Kernel];
        WeightStatistics statistics = WeightStatistics.Of(sizes[1] * sizes[2] * sizes[3], convolution.Gain);
        Value? offset = null;
        Value weight;
        if (folded)
        {
            weight = InRoot(() => Weight($"onnx::Conv_{(++_transposed).ToString(CultureInfo.InvariantCulture)}", statistics, sizes, 0));
            offset = InRoot(() => Weight($"onnx::Conv_{(++_transposed).ToString(CultureInfo.InvariantCulture)}", WeightStatistics.Shift, convolution.Outputs));
        }
        else
        {
            weight = Weight("weight", statistics, sizes, 0);
            if (bias is { } kind)
                offset = BiasOf(kind, convolution.Outputs);
        }

        return Apply("Conv", Window(convolution), offset is null ? [x, weight] : [x, weight, offset]);
    });

    /// <summary>x·½·(1 + erf(x / √2)).</summary>
    public Value Gelu(Value x)
    {
        Value erf = Apply("Erf", Apply("Div", x, Constant(MathF.Sqrt(2))));
        return Apply("Mul", Apply("Mul", x, Apply("Add", erf, Constant(1))), Constant(0.5f));
    }

    public Value Softmax(Value x) => Apply("Softmax", [new IntAttribute("axis", -1)], x);

    public Value Mean(Value x) => Apply("ReduceMean", [new IntsAttribute("axes", [-1]), new IntAttribute("keepdims", 1)], x);

    // Sizes

    /// <summary>The size of a dimension counted from the front.</summary>
    public Value Size(Value x, long axis) => Apply("Gather", [new IntAttribute("axis", 0)], Apply("Shape", x), Scalar(axis));

    /// <summary>The size of a dimension counted from the end: -1 is the last one.</summary>
    public Value SizeFromEnd(Value x, long axis)
    {
        Value shape = Apply("Shape", x);
        Value axes = Vector(0);
        Value part = Apply("Slice", shape, Vector(axis), Vector(axis == -1 ? long.MaxValue : axis + 1), axes);
        return Apply("Squeeze", part, Vector(0));
    }

    /// <summary>Python's <c>//</c> on sizes.</summary>
    public Value FloorDivide(Value size, Extent divisor) => Cast(Cast(Apply("Div", size, divisor.Computed ?? Scalar(divisor.Number)), ElementType.Int64), ElementType.Int64);

    public Value Cast(Value x, ElementType type) => Apply("Cast", [new IntAttribute("to", (long)type)], x);

    /// <summary>The numbers from 0 on.</summary>
    public Value Range(Value end)
    {
        Value limit = Cast(end, ElementType.Int64);
        return Apply("Range", Scalar(0), limit, Scalar(1));
    }

    // Layout

    public Value Reshape(Value x, params Extent[] sizes) => Apply("Reshape", [new IntAttribute("allowzero", 0)], x, Join(sizes));

    public Value Reshape(Value x, Value shape) => Apply("Reshape", [new IntAttribute("allowzero", 0)], x, shape);

    /// <summary>Sizes as one vector: a constant where all are numbers, joined of parts otherwise.</summary>
    public Value Join(params Extent[] sizes)
    {
        if (sizes.All(s => s.Computed is null))
            return Vector([.. sizes.Select(s => s.Number)]);
        Value[] parts = [.. sizes.Select(Part)];
        return Concat(0, parts);
    }

    /// <summary>Repeats x; -1 keeps a size.</summary>
    public Value Expand(Value x, params Extent[] sizes)
    {
        Value shape = Reshape(Concat(0, [.. sizes.Select(Part)]), -1);
        return Apply("Expand", x, Kept(shape));
    }

    /// <summary>Sizes where -1 stands for 1, which keeps what is there.</summary>
    public Value Kept(Value shape)
    {
        Value ones = Filled(Apply("Shape", shape), Tensor.OfInt64(1));
        Value kept = Apply("Equal", shape, Apply("Mul", ones, Scalar(-1)));
        return Apply("Where", kept, ones, shape);
    }

    public Value Filled(Value shape, Tensor value) => Apply("ConstantOfShape", [new TensorAttribute("value", value)], shape);

    public Value Slice(Value x, long axis, Extent start, Extent end, long step) => Apply("Slice", x, Part(start), Part(end), Vector(axis), Vector(step));

    public Value Concat(long axis, params Value[] parts) => Apply("Concat", [new IntAttribute("axis", axis)], parts);

    public Value Unsqueeze(Value x, long axis) => Apply("Unsqueeze", x, Vector(axis));

    public Value Transpose(Value x, params long[] order) => Apply("Transpose", [new IntsAttribute("perm", [.. order])], x);

    public Value Flatten(Value x) => Apply("Flatten", [new IntAttribute("axis", 1)], x);

    public static NodeAttribute[] Window(Convolution convolution) =>
    [
        new IntsAttribute("dilations", [1, 1]),
        new IntAttribute("group", convolution.Groups),
        new IntsAttribute("kernel_shape", [convolution.Kernel, convolution.Kernel]),
        new IntsAttribute("pads", [convolution.Padding, convolution.Padding, convolution.Padding, convolution.Padding]),
        new IntsAttribute("strides", [convolution.Stride, convolution.Stride]),
    ];

    private Value Part(Extent size) => size.Computed is { } value ? Unsqueeze(value, 0) : Vector(size.Number);

    private Value BiasOf(Bias kind, long size) => kind == Bias.Zero ? Zeros("bias", size) : Weight("bias", WeightStatistics.Shift, size);

    private Value InRoot(Func<Value> build)
    {
        string outer = _scope;
        _scope = "";
        Value result = build();
        _scope = outer;
        return result;
    }

    private string OutputName(string opType) => $"{_scope}/{opType}_output_0";

    private string ParameterName(string name) => string.Join('.', _scope.Split('/', StringSplitOptions.RemoveEmptyEntries).Append(name));
}
