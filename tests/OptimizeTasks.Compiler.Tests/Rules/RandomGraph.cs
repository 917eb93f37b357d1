using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>
/// Draws small valid models of the operators that rules touch, with what rules must notice: shared, overridable and
/// returned weights, values that are used twice or returned, constants that broadcast, branches that capture.
/// </summary>
internal sealed class RandomGraph
{
    private const int Batch = -1;
    private const int MaxElements = 4096;

    private static readonly long[] s_opsets = [9, 11, 13, 17, 19, 21, 24];

    private readonly Random _random;
    private readonly long _opset;
    private readonly Graph _graph = new("random");
    private readonly List<Drawn> _values = [];
    private readonly List<(Value Value, long[] Sizes)> _weights = [];

    private RandomGraph(int seed)
    {
        _random = new Random(seed);
        _opset = Pick(s_opsets);
    }

    /// <summary>The model of this seed: the symbol of its inputs is <c>batch</c>.</summary>
    public static Model Draw(int seed) => new RandomGraph(seed).Draw();

    /// <summary>A value and its sizes, −1 for the batch.</summary>
    private sealed record Drawn(Value Value, long[] Sizes)
    {
        public int Rank => Sizes.Length;

        public long Elements => Sizes.Aggregate(1L, (a, b) => a * (b == Batch ? 3 : b));
    }

    private Model Draw()
    {
        AddInput([Chance(2) ? Batch : 2, Pick(2, 4), 4, Pick(4, 5)]);
        AddInput([Chance(2) ? Batch : 4, 4]);
        if (Chance(3))
            AddInput([Pick(1, 3), Chance(2) ? Batch : 1, 5]);
        for (int count = _random.Next(4, 12); count > 0; count--)
        {
            // Mostly the newest value, so that chains arise.
            Drawn x = Chance(3) ? Pick(_values) : _values[^1];
            if (Apply(x) is { Elements: <= MaxElements } drawn)
                _values.Add(drawn);
        }

        foreach (Value output in _values.Where(_ => Chance(5)).Append(_values[^1]).Select(d => d.Value).Concat(_weights.Where(_ => Chance(9)).Select(w => w.Value)).Distinct().ToArray())
            _graph.AddOutput(output);
        return new Model(_graph) { IrVersion = 8, Opsets = { [""] = _opset } };
    }

    private void AddInput(long[] sizes)
    {
        var shape = new Shape(sizes.Select(s => s == Batch ? Dimension.OfSymbol("batch") : Dimension.Of(s)));
        _values.Add(new Drawn(_graph.AddInput($"input{_values.Count}", new TensorType(ElementType.Float, shape)), sizes));
    }

    private Drawn? Apply(Drawn x) => _random.Next(30) switch
    {
        0 => x with { Value = Node(Pick("Relu", "Neg", "Identity", "Dropout", "Sigmoid"), [x.Value]) },
        1 => x with { Value = Cast(Cast(x.Value, Pick(ElementType.Double, ElementType.Float16)), ElementType.Float) },
        2 or 3 or 4 => WithConstant(x),
        5 => Pick([x, .. _values.Where(v => v.Sizes.SequenceEqual(x.Sizes))]) is var y ? x with { Value = Node(Pick("Add", "Mul", "Sub", "Max"), [x.Value, y.Value]) } : null,
        6 or 7 => Transpose(x),
        8 => Reshape(x),
        9 => Unsqueeze(x),
        10 => Slice(x),
        11 => Pool(x),
        12 or 13 or 19 => Weighted(x),
        20 or 21 => Weighted(x) is { } y ? WithChannelConstant(y) : null,
        14 => Normalize(x),
        15 => Split(x),
        16 => Softmax(x),
        17 => Branches(x),
        18 => Repeat(),
        23 => Wrap(x),
        24 => Halves(x),
        25 => Gather(x),
        26 => Expand(x),
        27 => Squash(x),
        28 => Product(x),
        _ => Reduce(x),
    };

    /// <summary>A constant of ones, zeros or anything, that has fewer axes, axes of 1, or one axis more.</summary>
    private Drawn? WithConstant(Drawn x)
    {
        long[] sizes = [.. x.Sizes.Skip(_random.Next(x.Rank + 1)).Select(s => s == Batch || Chance(2) ? 1 : s)];
        long[] result = x.Sizes;
        if (sizes.Length == x.Rank && x.Rank < 5 && Chance(4))
        {
            long added = Pick(1, 2);
            (sizes, result) = ([added, .. sizes], [added, .. result]);
        }

        string opType = Pick("Add", "Sub", "Mul", "Div");
        Value constant = Chance(2) ? Weight(sizes) : Filled(sizes, opType is "Add" or "Sub" ? 0 : 1);
        Value[] operands = opType != "Div" && Chance(3) ? [constant, x.Value] : [x.Value, constant];
        return new Drawn(Node(opType, operands), result);
    }

    /// <summary>A constant that varies with the channel, where it stands behind a convolution or a matrix product.</summary>
    private Drawn? WithChannelConstant(Drawn x)
    {
        if (Chance(5))
            _values.Add(x);
        long[] sizes = x.Rank == 4 ? [x.Sizes[1] == Batch ? 1 : x.Sizes[1], 1, 1] : [x.Sizes[^1]];
        Value constant = Weight(sizes);
        return x with { Value = Chance(3) ? Node(Pick("Add", "Mul"), [constant, x.Value]) : Node(Pick("Add", "Sub", "Mul", "Div"), [x.Value, constant]) };
    }

    private Drawn Transpose(Drawn x)
    {
        int[] perm = [.. Enumerable.Range(0, x.Rank)];
        if (!Chance(4))
            _random.Shuffle(perm);
        return new Drawn(Node("Transpose", [x.Value], IntList("perm", [.. perm.Select(p => (long)p)])), [.. perm.Select(p => x.Sizes[p])]);
    }

    /// <summary>To the same shape, which is computed; to two axes; or two axes in one.</summary>
    private Drawn? Reshape(Drawn x)
    {
        switch (_random.Next(3))
        {
            case 0:
                return x with { Value = Node("Reshape", [x.Value, Node("Shape", [x.Value])]) };
            case 1 when x.Rank > 1 && !x.Sizes.Skip(1).Contains(Batch):
                return new Drawn(Node("Flatten", [x.Value]), [x.Sizes[0], x.Sizes.Skip(1).Aggregate(1L, (a, b) => a * b)]);
            case 2 when x.Rank > 2 && !x.Sizes.Skip(1).Contains(Batch):
                return new Drawn(Node("Reshape", [x.Value, _graph.Ints([0, -1, .. x.Sizes.Skip(3)])]), [x.Sizes[0], x.Sizes[1] * x.Sizes[2], .. x.Sizes.Skip(3)]);
            default:
                return null;
        }
    }

    private Drawn? Unsqueeze(Drawn x)
    {
        int axis = _random.Next(x.Rank + 1);
        if (x.Rank > 4)
            return null;
        Value unsqueezed = OnAxes("Unsqueeze", x.Value, axis, since: 13);
        return Chance(2)
            ? new Drawn(unsqueezed, [.. x.Sizes[..axis], 1, .. x.Sizes[axis..]])
            : x with { Value = OnAxes("Squeeze", unsqueezed, axis, since: 13) };
    }

    private Drawn? Slice(Drawn x)
    {
        int axis = _random.Next(x.Rank);
        if (x.Sizes[axis] is Batch or < 2)
            return null;
        long start = Pick(0, 0, 1);
        Value y = _opset < 10
            ? Node("Slice", [x.Value], IntList("starts", start), IntList("ends", int.MaxValue), IntList("axes", axis))
            : Node("Slice", [x.Value, _graph.Ints(start), _graph.Ints(long.MaxValue), _graph.Ints(axis)]);
        return new Drawn(y, [.. x.Sizes.Select((s, i) => i == axis ? s - start : s)]);
    }

    /// <summary>Pads the spatial axes, or takes from them; null where they are no images, or too small.</summary>
    private Drawn? Pad(Drawn x, float value)
    {
        if (!IsImage(x))
            return null;
        long[] pads = [0, 0, Pick(0, 1), Pick(0, 1, 2), 0, 0, Pick(0, 1), Pick(0, 1, -1)];
        Value y = _opset < 11 ? Node("Pad", [x.Value], IntList("pads", pads), Number("value", value)) : Node("Pad", [x.Value, _graph.Ints(pads), _graph.Scalar(value)]);
        return new Drawn(y, [.. x.Sizes.Select((s, i) => s == Batch ? s : s + pads[i] + pads[i + 4])]);
    }

    private Drawn? Pool(Drawn x)
    {
        bool isMax = Chance(2);
        float value = Pick(0, isMax ? float.NegativeInfinity : 0, 1);
        x = Chance(2) && Pad(x, value) is { } padded ? padded : x;
        if (!IsImage(x))
            return null;
        long pad = isMax ? 0 : Pick(0, 1);
        NodeAttribute[] attributes = [IntList("kernel_shape", 3, 3), IntList("pads", pad, pad, pad, pad)];
        long[] sizes = [.. x.Sizes.Select((s, i) => i < 2 ? s : s + (2 * pad) - 2)];
        if (!isMax)
            return new Drawn(Node("AveragePool", [x.Value], [.. attributes, Int("count_include_pad", Pick(0, 1))]), sizes);
        Value y = Node("MaxPool", [x.Value], attributes);
        if (Chance(2))
            _graph.AddOutput(SecondOutput(y));
        return new Drawn(y, sizes);
    }

    private static bool IsImage(Drawn x) => x.Rank == 4 && x.Sizes.Skip(1).All(s => s != Batch) && x.Sizes.Skip(2).All(s => s >= 4);

    /// <summary>Conv, ConvTranspose, Gemm or MatMul, with or without bias, perhaps behind a Pad.</summary>
    private Drawn? Weighted(Drawn x)
    {
        if (IsImage(x) && x.Sizes[1] is 2 or 4)
            return Chance(3) ? Deconvolution(x) : Convolution(Chance(2) ? Pad(x, Pick(0, 0, 1))! : x);
        if (x.Rank == 2 && x.Sizes[1] != Batch && Chance(2))
        {
            long transposed = Pick(0, 1);
            Value[] bias = _opset < 11 || Chance(2) ? [Weight(Pick<long[]>([], [1], [3], [1, 3]))] : [];
            return new Drawn(Node("Gemm", [x.Value, transposed == 0 ? Weight(x.Sizes[1], 3) : Weight(3, x.Sizes[1]), .. bias],
                Int("transB", transposed), Number("alpha", Pick(1, 0.5f)), Number("beta", Pick(1, 1, 2f))), [x.Sizes[0], 3]);
        }

        return x.Rank > 1 && x.Sizes[^1] != Batch ? new Drawn(Node("MatMul", [x.Value, Weight(x.Sizes[^1], 4)]), [.. x.Sizes[..^1], 4]) : null;
    }

    private Drawn Convolution(Drawn x)
    {
        long groups = Pick(1, 2);
        Value[] bias = Chance(2) ? [Weight(4)] : [];
        Value y = Node("Conv", [x.Value, Weight(4, x.Sizes[1] / groups, 3, 3), .. bias], Int("group", groups), IntList("pads", 1, 0, 0, 1));
        return new Drawn(y, [x.Sizes[0], 4, x.Sizes[2] - 1, x.Sizes[3] - 1]);
    }

    private Drawn Deconvolution(Drawn x)
    {
        long groups = Pick(1, 2);
        Value[] bias = Chance(2) ? [Weight(2 * groups)] : [];
        Value y = Node("ConvTranspose", [x.Value, Weight(x.Sizes[1], 2, 2, 2), .. bias], Int("group", groups), IntList("strides", 2, 2));
        return new Drawn(y, [x.Sizes[0], 2 * groups, 2 * x.Sizes[2], 2 * x.Sizes[3]]);
    }

    private Drawn? Normalize(Drawn x) => x.Rank < 2 || x.Sizes[1] == Batch ? null
        : x with { Value = Node("BatchNormalization", [x.Value, .. Enumerable.Range(0, 4).Select(_ => Weight(x.Sizes[1]))]) };

    private Drawn? Split(Drawn x)
    {
        int axis = Array.FindIndex(x.Sizes, s => s is 2 or 4);
        if (axis < 0)
            return null;
        Value first = Node("Split", [x.Value], Int("axis", axis));
        if (_opset >= 18)
            first.Producer!.SetAttribute(Int("num_outputs", 2));
        long[] sizes = [.. x.Sizes.Select((s, i) => i == axis ? s / 2 : s)];
        var second = new Drawn(SecondOutput(first), sizes);
        if (!Chance(3))
            return new Drawn(Node("Concat", Chance(2) ? [first, second.Value] : [second.Value, first], Int("axis", axis)), x.Sizes);
        _values.Add(second);
        return new Drawn(first, sizes);
    }

    private Drawn Softmax(Drawn x) => x with { Value = Node("Softmax", [x.Value], Int("axis", _random.Next(x.Rank))) };

    private Drawn Reduce(Drawn x)
    {
        int axis = _random.Next(x.Rank);
        string opType = Pick("ReduceMean", "ReduceSum", "ReduceMax");
        return new Drawn(OnAxes(opType, x.Value, axis, since: opType == "ReduceSum" ? 13 : 18), [.. x.Sizes.Select((s, i) => i == axis ? 1 : s)]);
    }

    /// <summary>An If whose condition is a constant, or not; each branch captures, and computes with a constant of its own.</summary>
    private Drawn? Branches(Drawn x)
    {
        // Where ONNX Runtime makes one cast of two, it loses what branches capture of them.
        if (x.Value.Producer?.OpType == "Cast")
            return null;
        Value condition = Chance(3)
            ? Node("Greater", [Node("ReduceMax", [_graph.Inputs[0]], Int("keepdims", 0)), _graph.Scalar(0.5f)])
            : _graph.AddInitializer("condition", Tensor.Create<byte>(ElementType.Bool, [], [Pick<byte>(0, 1)]));
        Value y = Node("If", [condition]);
        y.Producer!.SetAttribute(new GraphAttribute("then_branch", Branch(x, "Add")));
        y.Producer!.SetAttribute(new GraphAttribute("else_branch", Branch(x, "Mul")));
        return x with { Value = y };
    }

    private Graph Branch(Drawn x, string opType)
    {
        var branch = new Graph(opType, _graph);
        Value captured = branch.Apply("Identity", [x.Value], "captured");
        Value constant = Chance(2) ? branch.Scalar(2) : branch.Apply("Constant", [], "constant", [new TensorAttribute("value", Tensor.OfFloat(1))]);
        branch.AddOutput(branch.Apply(opType, [captured, constant], "result"));
        return branch;
    }

    /// <summary>A node once more: from the same, the same.</summary>
    private Drawn? Repeat()
    {
        if (_values.Where(v => v.Value.Producer is { OpType: not "If", Outputs.Count: 1 }).ToArray() is not [_, ..] candidates)
            return null;
        Drawn original = Pick(candidates);
        Node node = original.Value.Producer!;
        return original with { Value = Node(node.OpType, [.. node.Inputs], [.. node.Attributes]) };
    }

    /// <summary>Something between a transpose and the one that takes it back, as exporters of other layouts write it.</summary>
    private Drawn? Wrap(Drawn x)
    {
        int[] perm = [.. Enumerable.Range(0, x.Rank)];
        _random.Shuffle(perm);
        var there = new Drawn(Node("Transpose", [x.Value], IntList("perm", [.. perm.Select(p => (long)p)])), [.. perm.Select(p => x.Sizes[p])]);
        _values.Add(there);
        for (int count = _random.Next(1, 4); count > 0; count--)
        {
            if (Apply(there) is not { } next || next.Rank != x.Rank || next.Elements > MaxElements)
                continue;
            there = next;
            if (Chance(3))
                _values.Add(there);
        }

        long[] back = [.. Enumerable.Range(0, x.Rank).Select(i => (long)Array.IndexOf(perm, i))];
        return new Drawn(Node("Transpose", [there.Value], IntList("perm", back)), [.. back.Select(b => there.Sizes[b])]);
    }

    /// <summary>Two slices of one axis, one behind the other in either order, or next to each other with a gap.</summary>
    private Drawn? Halves(Drawn x)
    {
        int axis = _random.Next(x.Rank);
        if (_opset < 10 || x.Sizes[axis] is Batch or < 2)
            return null;
        long size = x.Sizes[axis], middle = _random.NextInt64(1, size), second = Chance(4) ? middle - 1 : middle;
        Value a = Node("Slice", [x.Value, _graph.Ints(0), _graph.Ints(middle), _graph.Ints(axis)]);
        Value b = Node("Slice", [x.Value, _graph.Ints(second), _graph.Ints(long.MaxValue), _graph.Ints(Chance(2) ? axis : axis - x.Rank)]);
        if (Chance(3))
            _values.Add(new Drawn(a, [.. x.Sizes.Select((s, i) => i == axis ? middle : s)]));
        if (Chance(3))
            a = Node("Neg", [a]);
        return new Drawn(Node("Concat", Chance(3) ? [a, b] : [b, a], Int("axis", axis)), [.. x.Sizes.Select((s, i) => i == axis ? middle + size - second : s)]);
    }

    private Drawn? Gather(Drawn x)
    {
        int axis = _random.Next(x.Rank);
        if (x.Sizes[axis] == Batch || x.Rank < 2)
            return null;
        long Index() => _random.NextInt64(x.Sizes[axis]);
        return Chance(2)
            ? new Drawn(Node("Gather", [x.Value, _graph.AddInitializer("i", Tensor.Create<long>(ElementType.Int64, [], [Index()]))], Int("axis", axis)), [.. x.Sizes.Where((_, i) => i != axis)])
            : new Drawn(Node("Gather", [x.Value, _graph.Ints(Index(), Index(), Index())], Int("axis", axis)), [.. x.Sizes.Select((s, i) => i == axis ? 3 : s)]);
    }

    /// <summary>Repeats an axis of size 1, alone or before a sum that would broadcast it anyway.</summary>
    private Drawn? Expand(Drawn x)
    {
        int axis = Array.IndexOf(x.Sizes, 1);
        if (axis < 0)
            return null;
        long[] target = [.. x.Sizes.Select((s, i) => i == axis ? 4 : 1)];
        long[] sizes = [.. x.Sizes.Select((s, i) => i == axis ? 4 : s)];
        Value y = Node("Expand", [x.Value, _graph.Ints(target)]);
        return new Drawn(Chance(2) ? Node("Add", [y, Weight([.. sizes.Select(s => s == Batch ? 1 : s)])]) : y, sizes);
    }

    /// <summary>All axes but one in one, and back: through their sizes.</summary>
    private Drawn? Squash(Drawn x)
    {
        if (x.Rank < 3)
            return null;
        Value shape = Node("Shape", [x.Value]);
        Value last = Node("Gather", [shape, _graph.Ints(x.Rank - 1)], Int("axis", 0));
        Value rows = Node("Reshape", [x.Value, Node("Concat", [_graph.Ints(-1), last], Int("axis", 0))]);
        return x with { Value = Node("Reshape", [Node("Relu", [rows]), shape]) };
    }

    /// <summary>A product of two values, the second with rows and columns exchanged.</summary>
    private Drawn? Product(Drawn x)
    {
        if (x.Rank < 2 || x.Sizes[^1] == Batch || x.Sizes[^2] == Batch)
            return null;
        long[] perm = [.. Enumerable.Range(0, x.Rank).Select(i => (long)i)];
        (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        Value y = Node("MatMul", [x.Value, Node("Transpose", [Node("Tanh", [x.Value])], IntList("perm", perm))]);
        return new Drawn(y, [.. x.Sizes[..^1], x.Sizes[^2]]);
    }

    private Value Cast(Value x, ElementType type) => Node("Cast", [x], Int("to", (long)type));

    private Value OnAxes(string opType, Value x, long axis, long since) =>
        _opset < since ? Node(opType, [x], IntList("axes", axis)) : Node(opType, [x, _graph.Ints(axis)]);

    private Value SecondOutput(Value first)
    {
        Value second = _graph.AddValue(_graph.UniqueName("second"));
        first.Producer!.SetOutput(1, second);
        return second;
    }

    private Value Node(string opType, Value?[] inputs, params NodeAttribute[] attributes) => _graph.Apply(opType, inputs, opType, attributes);

    private Value Filled(long[] sizes, float number)
    {
        var numbers = new float[sizes.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(numbers, number);
        return _graph.AddInitializer("filled", Tensor.Create<float>(ElementType.Float, sizes, numbers));
    }

    /// <summary>A new weight, some of which callers can override, or one of this shape that another node has.</summary>
    private Value Weight(params long[] sizes)
    {
        (Value Value, long[] Sizes)[] same = [.. _weights.Where(w => w.Sizes.SequenceEqual(sizes))];
        if (same.Length > 0 && Chance(3))
            return Pick(same).Value;
        Tensor tensor = Tensor.Create<float>(ElementType.Float, sizes, [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (a, b) => a * b)).Select(_ => _random.NextSingle() + 0.5f)]);
        string name = $"weight{_weights.Count}";
        Value value = Chance(9) ? _graph.AddInput(name, new TensorType(ElementType.Float, tensor.Shape)) : _graph.AddValue(name);
        _graph.SetInitializer(value, tensor);
        _weights.Add((value, sizes));
        return value;
    }

    /// <summary>True once in so many times.</summary>
    private bool Chance(int times) => _random.Next(times) == 0;

    private T Pick<T>(params IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
