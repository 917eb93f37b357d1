using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>
/// Draws models of what rules raise, each formula in one of its spellings and some a little wrong, with what rules must
/// notice: inner values that others use or that are outputs, shared weights, constants that broadcast, odd axes.
/// </summary>
internal sealed class RandomSpelling
{
    private const long Heads = 2;
    private const long Size = 4;
    private const long Width = Heads * Size;

    private readonly Random _random;
    private readonly Graph _graph = new("random");
    private readonly List<Value> _weights = [];
    private readonly List<Value> _distracted = [];
    private readonly bool _hasSymbols;
    private int _number;

    private RandomSpelling(int seed)
    {
        _random = new Random(seed);
        _hasSymbols = !Chance(4);
    }

    /// <summary>The model of this seed: one input [batch, tokens, 8], symbols in most of them.</summary>
    public static Model Draw(int seed) => new RandomSpelling(seed).Draw();

    private Model Draw()
    {
        Value x = _hasSymbols ? _graph.Input("batch", "tokens", "8") : _graph.Input(2, 3, Width);
        for (int count = _random.Next(1, 5); count > 0; count--)
        {
            Node? last = _graph.Last;
            Value y = Block(x);
            Distract(last);
            x = Chance(2) ? Op("Add", x, y) : y;
        }

        _graph.AddOutput(x);
        var model = new Model(_graph) { IrVersion = 8, Opsets = { [""] = Pick(18L, 20, 23) } };
        ShapeInference.Run(model);
        foreach (Value value in _distracted.Where(v => v.ElementType == ElementType.Float).Distinct())
        {
            Value output = Chance(2) ? value : Op("Abs", value);
            if (!output.IsOutput)
                _graph.AddOutput(output);
        }

        return model;
    }

    private Value Block(Value x) => _random.Next(8) switch
    {
        0 or 1 => Normalization(x),
        2 or 3 => Activation(x),
        4 or 5 => Attention(x),
        6 => Softmax(x),
        _ => Op("MatMul", x, Weight(Width, Width)),
    };

    /// <summary>Lets somebody else use one of what the nodes since the last block computed, or makes it an output.</summary>
    private void Distract(Node? before)
    {
        if (Chance(2))
            _distracted.Add(Pick([.. _graph.Nodes.SkipWhile(n => before is not null && n != before).Select(n => n.Output)]));
    }

    private Value Normalization(Value x)
    {
        bool isRootMeanSquare = Chance(3);
        long[] axes = Chance(6) ? [1] : !_hasSymbols && Chance(4) ? [-2, -1] : Pick<long[]>([-1], [2]);
        Value centred = isRootMeanSquare ? x : Op("Sub", x, _graph.Mean(x, axes));
        Value square = Chance(2) ? Op("Pow", centred, Scalar(2)) : Op("Mul", centred, centred);
        Value variance = Op("Add", _graph.Mean(square, Chance(8) ? [1] : axes), Scalar(Pick(1e-5f, 1e-3f)));
        Value root = Chance(3) ? Op("Pow", variance, Scalar(0.5f)) : Op("Sqrt", variance);
        Value y = _random.Next(4) switch
        {
            0 => Commuted("Mul", centred, Op("Reciprocal", root)),
            1 => Commuted("Mul", centred, Op("Div", Scalar(1), root)),
            2 => Op("Mul", centred, Op("Pow", variance, Scalar(-0.5f))),
            _ => Op("Div", centred, root),
        };
        y = Chance(4) ? y : Commuted("Mul", y, Scale());
        return isRootMeanSquare || Chance(3) ? y : Commuted("Add", y, Scale());
    }

    private Value Scale() => Chance(5) ? Op("Add", Scalar(1), Weight(Width)) : Weight(Pick<long[]>([Width], [Width], [Width], [1, 1, Width], [1], [1, Width]));

    private Value Activation(Value x)
    {
        switch (_random.Next(7))
        {
            case 0:
            case 1:
                Value erf = Op("Erf", Chance(2) ? Op("Div", x, Scalar(1.4142135f)) : Commuted("Mul", x, Scalar(Chance(8) ? 0.7f : 0.70710677f)));
                return Product(x, Commuted("Add", erf, Scalar(1)), Scalar(0.5f));
            case 2:
                Value cube = Chance(2) ? Op("Pow", x, Scalar(3)) : Op("Mul", x, Op("Mul", x, x));
                Value inner = Commuted("Mul", Commuted("Add", x, Commuted("Mul", cube, Scalar(0.044715f))), Scalar(0.7978845608f));
                return Product(x, Commuted("Add", Op("Tanh", inner), Scalar(1)), Scalar(0.5f));
            case 3:
                return Commuted("Mul", x, Op("Sigmoid", Chance(2) ? x : Commuted("Mul", x, Scalar(1.702f))));
            case 4:
                return Product(x, Op("Clip", Commuted("Add", x, Scalar(3)), Scalar(0), Scalar(Chance(6) ? 5 : 6)), Scalar(1 / 6f));
            case 5:
                return Commuted("Mul", x, Op("Tanh", Op("Softplus", x)));
            default:
                return Commuted("Mul", x, _graph.Op("HardSigmoid", Number("alpha", Chance(4) ? 0.2f : 1 / 6f), x));
        }
    }

    private Value Softmax(Value x)
    {
        long axis = Pick<long>(-1, 1, 2);
        Value shifted = Chance(3) ? x : Op("Sub", x, Along("ReduceMax", x, Chance(8) ? 1 : axis));
        Value exp = Op("Exp", shifted);
        Value sum = Along("ReduceSum", exp, axis);
        return Chance(2) ? Op("Div", exp, sum) : Op("Sub", shifted, Op("Log", sum));
    }

    private Value Attention(Value x)
    {
        Value queries = Split(x), keys = Split(x), values = Split(x);
        if (Chance(2))
            (queries, keys) = (Rotate(queries, x), Rotate(keys, x));
        float scale = Pick(0.5f, 0.25f, 1f);
        if (scale != 1 && Chance(2))
            (queries, scale) = (Op("Mul", queries, Scalar(scale)), 1);
        Value scores = Op("MatMul", queries, _graph.Op("Transpose", IntList("perm", 0, 1, 3, 2), keys));
        scores = scale == 1 ? scores : Chance(2) ? Op("Mul", scores, Scalar(scale)) : Op("Div", scores, Scalar(1 / scale));
        float low = Pick(-1e4f, float.MinValue, float.NegativeInfinity, -1e9f);
        bool isGuarded = float.IsNegativeInfinity(low);
        scores = _random.Next(4) switch
        {
            0 => Op("Where", Allowed(x), scores, Scalar(low)),
            1 => Op("Where", Op("Not", Allowed(x)), Scalar(low), scores),
            2 => Commuted("Add", scores, Op("Where", Allowed(x), Scalar(0), Scalar(low))),
            _ => scores,
        };
        Value weights = _graph.Op("Softmax", Int("axis", Chance(8) ? 2 : -1), scores);
        weights = isGuarded || Chance(6) ? Op("Where", Op("IsNaN", weights), Scalar(0), weights) : weights;
        return _graph.Join(Op("MatMul", weights, values), Width);
    }

    private Value Split(Value x) => _graph.Split(Op("MatMul", x, Weight(Width, Width)), Heads, Size);

    /// <summary>[batch, 1, 1, tokens]: whether the first feature is not large.</summary>
    private Value Allowed(Value x)
    {
        Value first = Op("Squeeze", Op("Slice", x, _graph.Ints(0), _graph.Ints(1), _graph.Ints(2)), _graph.Ints(2));
        return Op("Unsqueeze", Op("Less", first, Scalar(Pick(0.3f, -0.3f, 100))), _graph.Ints(1, 2));
    }

    private Value Rotate(Value heads, Value x)
    {
        Value angles = Op("Slice", x, _graph.Ints(0), _graph.Ints(Size / 2), _graph.Ints(2));
        Value lower = Op("Slice", heads, _graph.Ints(0), _graph.Ints(2), _graph.Ints(3)), upper = Op("Slice", heads, _graph.Ints(2), _graph.Ints(long.MaxValue), _graph.Ints(3));
        if (Chance(2))
        {
            Value c = Op("Unsqueeze", Op("Cos", angles), _graph.Ints(1)), s = Op("Unsqueeze", Op("Sin", angles), _graph.Ints(1));
            return Concat(Op("Sub", Op("Mul", lower, c), Op("Mul", upper, s)), Commuted("Add", Op("Mul", upper, c), Op("Mul", lower, s)));
        }

        Value twice = Concat(angles, angles);
        Value turned = Chance(6) ? Concat(upper, Op("Neg", lower)) : Concat(Op("Neg", upper), lower);
        return Commuted("Add", Commuted("Mul", heads, Op("Unsqueeze", Op("Cos", twice), _graph.Ints(1))), Op("Mul", turned, Op("Unsqueeze", Op("Sin", twice), _graph.Ints(1))));
    }

    private Value Concat(Value a, Value b) => _graph.Op("Concat", Int("axis", -1), a, b);

    private Value Along(string opType, Value x, long axis) => _graph.Op(opType, Int("keepdims", 1), x, _graph.Ints(axis));

    private Value Product(Value a, Value b, Value c) => _random.Next(3) switch
    {
        0 => Commuted("Mul", Commuted("Mul", a, b), c),
        1 => Commuted("Mul", Commuted("Mul", a, c), b),
        _ => Commuted("Mul", a, Commuted("Mul", b, c)),
    };

    private Value Commuted(string opType, Value a, Value b) => Chance(2) ? Op(opType, a, b) : Op(opType, b, a);

    private Value Op(string opType, params Value?[] inputs) => _graph.Op(opType, inputs);

    private Value Scalar(float number) => Chance(3) ? _graph.Floats(number) : _graph.Scalar(number);

    /// <summary>A new weight, or one of these sizes that another node has.</summary>
    private Value Weight(params long[] sizes)
    {
        Value[] same = [.. _weights.Where(w => w.Constant!.Dimensions.ToArray().SequenceEqual(sizes))];
        if (same.Length > 0 && Chance(3))
            return Pick(same);
        Value weight = _graph.Small(new string('w', ++_number), sizes);
        _weights.Add(weight);
        return weight;
    }

    /// <summary>True once in so many times.</summary>
    private bool Chance(int times) => _random.Next(times) == 0;

    private T Pick<T>(params IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
