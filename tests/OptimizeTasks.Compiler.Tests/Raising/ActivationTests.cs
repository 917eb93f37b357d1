using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class ActivationTests
{
    private static readonly Dictionary<string, (string Operator, Func<Graph, Value, Value> Build)> s_raised = new()
    {
        ["PyTorch's erf"] = ("Gelu", (g, x) => g.Op("Mul", g.Op("Mul", x, OnePlusErf(g, x)), g.Scalar(0.5f))),
        ["half of x first"] = ("Gelu", (g, x) => g.Op("Mul", g.Op("Mul", x, g.Scalar(0.5f)), OnePlusErf(g, x))),
        ["half of the sum first"] = ("Gelu", (g, x) => g.Op("Mul", x, g.Op("Mul", g.Scalar(0.5f), OnePlusErf(g, x)))),
        ["erf of a product"] = ("Gelu", (g, x) => g.Op("Mul", g.Op("Mul", x, g.Op("Add", g.Scalar(1), g.Op("Erf", g.Op("Mul", x, g.Scalar(0.70710678f))))), g.Scalar(0.5f))),
        ["tanh, cubed by Pow"] = ("Gelu", (g, x) => Tanh(g, x, g.Op("Pow", x, g.Scalar(3)))),
        ["tanh, cubed by products"] = ("Gelu", (g, x) => Tanh(g, x, g.Op("Mul", x, g.Op("Mul", x, x)))),
        ["tanh of a product"] = ("Gelu", (g, x) => g.Op("Mul", g.Op("Mul", x, g.Scalar(0.5f)), g.Op("Add", g.Op("Tanh", Slope(g, x)), g.Scalar(1)))),
        ["exp over the sum, the maximum taken off"] = ("Softmax", (g, x) => Exponentials(g, g.Op("Sub", x, Along(g, "ReduceMax", x)))),
        ["exp over the sum"] = ("Softmax", (g, x) => Exponentials(g, x)),
        ["along the first axis"] = ("Softmax", (g, x) => Exponentials(g, x, 0)),
        ["log of the sum, the maximum taken off"] = ("LogSoftmax", (g, x) => Minus(g, g.Op("Sub", x, Along(g, "ReduceMax", x)), s => LogSum(g, s))),
        ["log of the sum, the maximum added"] = ("LogSoftmax", (g, x) => Minus(g, x, _ => Plus(g, Along(g, "ReduceMax", x), m => LogSum(g, g.Op("Sub", x, m))))),
        ["log of the sum"] = ("LogSoftmax", (g, x) => g.Op("Sub", x, LogSum(g, x))),
        ["ReduceLogSumExp"] = ("LogSoftmax", (g, x) => g.Op("Sub", x, Along(g, "ReduceLogSumExp", x))),
        ["SiLU"] = ("Swish", (g, x) => g.Op("Mul", x, g.Op("Sigmoid", x))),
        ["x · sigmoid(1.702 x)"] = ("Swish", (g, x) => g.Op("Mul", g.Op("Sigmoid", g.Op("Mul", x, g.Scalar(1.702f))), x)),
        ["x · clip(x + 3, 0, 6) / 6"] = ("HardSwish", (g, x) => g.Op("Div", g.Op("Mul", x, g.Op("Clip", g.Op("Add", x, g.Scalar(3)), g.Scalar(0), g.Scalar(6))), g.Scalar(6))),
        ["x · HardSigmoid(x)"] = ("HardSwish", (g, x) => g.Op("Mul", x, g.Op("HardSigmoid", Number("alpha", 1 / 6f), x))),
        ["x · tanh(softplus(x))"] = ("Mish", (g, x) => g.Op("Mul", x, g.Op("Tanh", g.Op("Softplus", x)))),
    };

    private static readonly Dictionary<string, Func<Graph, Value, Value>> s_kept = new()
    {
        ["the sum is along another axis"] = (g, x) => g.Op("Div", g.Op("Exp", g.Op("Sub", x, Along(g, "ReduceMax", x))), Along(g, "ReduceSum", g.Op("Exp", g.Op("Sub", x, Along(g, "ReduceMax", x, 0))))),
        ["the sum is along both axes"] = (g, x) => g.Op("Div", g.Op("Exp", x), g.Op("ReduceSum", g.Op("Exp", x), g.Ints(0, 1))),
        ["the sum is of something else"] = (g, x) => g.Op("Div", g.Op("Exp", x), Along(g, "ReduceSum", g.Op("Abs", x))),
        ["the sum is an output"] = (g, x) =>
        {
            Value y = Exponentials(g, x);
            g.AddOutput(y.Producer!.Inputs[1]!);
            return y;
        },
        ["the maximum is taken off once"] = (g, x) => g.Op("Sub", g.Op("Sub", x, Along(g, "ReduceMax", x)), LogSum(g, x)),
        ["another constant under erf"] = (g, x) => g.Op("Mul", g.Op("Mul", x, g.Op("Add", g.Scalar(1), g.Op("Erf", g.Op("Mul", x, g.Scalar(0.7f))))), g.Scalar(0.5f)),
        ["erf of something else"] = (g, x) => g.Op("Mul", g.Op("Mul", x, OnePlusErf(g, g.Op("Neg", x))), g.Scalar(0.5f)),
        ["tanh with another cubic"] = (g, x) => Tanh(g, x, g.Op("Pow", x, g.Scalar(2))),
        ["sigmoid of something else"] = (g, x) => g.Op("Mul", x, g.Op("Sigmoid", g.Op("Neg", x))),
        ["another HardSigmoid"] = (g, x) => g.Op("Mul", x, g.Op("HardSigmoid", Number("alpha", 0.2f), x)),
        ["clipped elsewhere"] = (g, x) => g.Op("Div", g.Op("Mul", x, g.Op("Clip", g.Op("Add", x, g.Scalar(3)), g.Scalar(0), g.Scalar(5))), g.Scalar(6)),
    };

    public static TheoryData<string> Raised => [.. s_raised.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Raised))]
    public void A_spelled_out_activation_is_one_node(string name) =>
        Assert.Equal(s_raised[name].Operator, Operators(Model(18, g => s_raised[name].Build(g, g.Input("n", "7"))), Spelling.StandardOperators));

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_only_resembles_one_stays(string name)
    {
        string[] operators = Operators(Model(18, g => s_kept[name](g, g.Input("n", "7")))).Split(' ');
        Assert.Empty(operators.Intersect(["Gelu", "Swish", "HardSwish", "Mish", "Softmax", "LogSoftmax"]));
    }

    private static Value OnePlusErf(Graph g, Value x) => g.Op("Add", g.Op("Erf", g.Op("Div", x, g.Scalar(1.41421356f))), g.Scalar(1));

    private static Value Tanh(Graph g, Value x, Value cube)
    {
        Value inner = g.Op("Mul", g.Op("Add", x, g.Op("Mul", cube, g.Scalar(0.044715f))), g.Scalar(0.7978845608f));
        return g.Op("Mul", g.Op("Mul", x, g.Op("Add", g.Op("Tanh", inner), g.Scalar(1))), g.Scalar(0.5f));
    }

    /// <summary>√(2/π) · x · (1 + 0.044715 · x · x), each product by itself.</summary>
    private static Value Slope(Graph g, Value x)
    {
        Value square = g.Op("Mul", x, g.Op("Mul", x, g.Scalar(0.044715f)));
        return g.Op("Mul", g.Op("Mul", x, g.Scalar(0.7978845608f)), g.Op("Add", square, g.Scalar(1)));
    }

    private static Value Exponentials(Graph g, Value x, long axis = -1)
    {
        Value exp = g.Op("Exp", x);
        return g.Op("Div", exp, Along(g, "ReduceSum", exp, axis));
    }

    private static Value Minus(Graph g, Value x, Func<Value, Value> of) => g.Op("Sub", x, of(x));

    private static Value Plus(Graph g, Value x, Func<Value, Value> of) => g.Op("Add", of(x), x);

    private static Value LogSum(Graph g, Value x) => g.Op("Log", Along(g, "ReduceSum", g.Op("Exp", x)));

    private static Value Along(Graph g, string opType, Value x, long axis = -1) => g.Op(opType, Int("keepdims", 1), x, g.Ints(axis));
}
