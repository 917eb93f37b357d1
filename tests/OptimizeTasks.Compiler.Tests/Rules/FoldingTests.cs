using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class FoldingTests
{
    private static readonly Dictionary<string, Func<Graph, Value>> s_folded = new()
    {
        ["Conv, BatchNormalization"] = g => Normalize(g, Conv(g), 4),
        ["Conv with bias, BatchNormalization"] = g => Normalize(g, Conv(g, bias: g.Weight("b", 4)), 4),
        ["Conv in groups, BatchNormalization"] = g => Normalize(g, g.Apply("Conv", [g.Input(2, 4, 5, 5), g.Weight("w", 4, 2, 3, 3)], "c", [Int("group", 2)]), 4),
        ["ConvTranspose, BatchNormalization"] = g => Normalize(g, g.Apply("ConvTranspose", [g.Input(2, 3, 5, 5), g.Weight("w", 3, 4, 3, 3)], "c"), 4),
        ["Conv, Mul"] = g => g.Apply("Mul", [Conv(g), g.Weight("m", 4, 1, 1)], "y"),
        ["Mul, Conv as second operand"] = g => g.Apply("Mul", [g.Weight("m", 1, 4, 1, 1), Conv(g)], "y"),
        ["Conv, Mul by one number"] = g => g.Apply("Mul", [Conv(g), g.Scalar(3)], "y"),
        ["Conv, Div"] = g => g.Apply("Div", [Conv(g), g.Weight("m", 4, 1, 1)], "y"),
        ["Conv, Add"] = g => g.Apply("Add", [Conv(g), g.Weight("m", 4, 1, 1)], "y"),
        ["Conv with bias, Sub"] = g => g.Apply("Sub", [Conv(g, bias: g.Weight("b", 4)), g.Weight("m", 4, 1, 1)], "y"),
        ["Conv, Mul, Add"] = g => g.Apply("Add", [g.Apply("Mul", [Conv(g), g.Weight("m", 4, 1, 1)], "scaled"), g.Weight("shift", 4, 1, 1)], "y"),
        ["MatMul of double, Mul"] = g => g.Apply("Mul", [Double(g), g.AddInitializer("m", Tensor.Create<double>(ElementType.Double, [3], [1, 2, 3]))], "y"),
        ["Gemm, Mul"] = g => g.Apply("Mul", [Gemm(g, 0, 3, 4), g.Weight("m", 4)], "y"),
        ["Gemm of the transposed, Add"] = g => g.Apply("Add", [Gemm(g, 1, 4, 3), g.Weight("m", 4)], "y"),
        ["Gemm without bias, Add"] = g => g.Apply("Add", [g.Apply("Gemm", [g.Input(2, 3), g.Weight("w", 3, 4)], "c"), g.Weight("m", 1, 4)], "y"),
        ["MatMul, Mul"] = g => g.Apply("Mul", [g.Apply("MatMul", [g.Input(2, 5, 3), g.Weight("w", 3, 4)], "c"), g.Weight("m", 4)], "y"),
        ["MatMul of matrices, BatchNormalization"] = g => Normalize(g, g.Apply("MatMul", [g.Input(2, 3), g.Weight("w", 3, 4)], "c"), 4),
        ["Pad, Conv"] = g => Conv(g, g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 2, 0, 0, 0, 1)], "p")),
        ["Pad, AveragePool"] = g => g.Apply("AveragePool", [g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1)], "p")], "y", [IntList("kernel_shape", 3, 3)]),
        ["Pad, MaxPool"] = g => g.Apply("MaxPool", [g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1), g.Scalar(float.NegativeInfinity)], "p")], "y", [IntList("kernel_shape", 3, 3)]),
        ["Mul, Conv"] = g => Conv(g, g.Apply("Mul", [g.Input(2, 3, 5, 5), g.Weight("m", 3, 1, 1)], "s")),
        ["Div, padded Conv"] = g => g.Apply("Conv", [g.Apply("Div", [g.Input(2, 3, 5, 5), g.Scalar(3)], "s"), g.Weight("w", 4, 3, 3, 3), g.Weight("b", 4)], "y", [IntList("pads", 1, 1, 1, 1)]),
        ["Mul, Gemm"] = g => g.Apply("Gemm", [g.Apply("Mul", [g.Weight("m", 3), g.Input(2, 3)], "s"), g.Weight("w", 3, 4), g.Weight("b", 4)], "y"),
        ["Mul, Gemm of the transposed"] = g => g.Apply("Gemm", [g.Apply("Mul", [g.Input(2, 3), g.Weight("m", 1, 3)], "s"), g.Weight("w", 4, 3)], "y", [Int("transB", 1)]),
        ["Div, MatMul"] = g => g.Apply("MatMul", [g.Apply("Div", [g.Input(2, 5, 3), g.Weight("m", 3)], "s"), g.Weight("w", 3, 4)], "y"),
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_kept = new()
    {
        ["the convolution is an output"] = g =>
        {
            Value conv = Conv(g);
            g.AddOutput(conv);
            return g.Apply("Mul", [conv, g.Scalar(2)], "y");
        },
        ["the convolution is used twice"] = g =>
        {
            Value conv = Conv(g);
            return g.Apply("Add", [g.Apply("Mul", [conv, g.Scalar(2)], "m"), g.Apply("Relu", [conv], "r")], "y");
        },
        ["the weight is shared"] = g =>
        {
            Value weight = g.Weight("w", 3, 3, 1, 1);
            Value first = g.Apply("Conv", [g.Input(2, 3, 4, 4), weight], "first");
            return g.Apply("Conv", [g.Apply("Mul", [first, g.Weight("m", 3, 1, 1)], "m"), weight], "y");
        },
        ["the weight is overridable"] = g =>
        {
            Value weight = g.AddInput("w", new TensorType(ElementType.Float, Shape.Of(4, 3, 3, 3)));
            g.SetInitializer(weight, g.Weight("values", 4, 3, 3, 3).Initializer);
            return g.Apply("Mul", [Conv(g, weight: weight), g.Scalar(2)], "y");
        },
        ["the weight is an output"] = g =>
        {
            Value weight = g.Weight("w", 4, 3, 3, 3);
            g.AddOutput(weight);
            return g.Apply("Mul", [Conv(g, weight: weight), g.Scalar(2)], "y");
        },
        ["the weight is an input"] = g => g.Apply("Mul", [Conv(g, weight: g.AddInput("w", new TensorType(ElementType.Float, Shape.Of(4, 3, 3, 3)))), g.Scalar(2)], "y"),
        ["the constant varies along the width"] = g => g.Apply("Mul", [Conv(g), g.Weight("m", 3)], "y"),
        ["the constant has one axis more"] = g => g.Apply("Add", [Conv(g), g.Weight("m", 1, 1, 4, 1, 1)], "y"),
        ["the constant is divided"] = g => g.Apply("Div", [g.Weight("m", 4, 1, 1), Conv(g)], "y"),
        ["the bias is an input"] = g => g.Apply("Mul", [Conv(g, bias: g.AddInput("b", new TensorType(ElementType.Float, Shape.Of(4)))), g.Scalar(2)], "y"),
        ["MatMul has no bias"] = g => g.Apply("Add", [g.Apply("MatMul", [g.Input(2, 5, 3), g.Weight("w", 3, 4)], "c"), g.Weight("m", 4)], "y"),
        ["Gemm scales its bias"] = g => g.Apply("Add", [g.Apply("Gemm", [g.Input(2, 3), g.Weight("w", 3, 4), g.Weight("b", 4)], "c", [Number("beta", 0.5f)]), g.Weight("m", 4)], "y"),
        ["the bias of Gemm has rows"] = g => g.Apply("Mul", [g.Apply("Gemm", [g.Input(2, 3), g.Weight("w", 3, 4), g.Weight("b", 2, 4)], "c"), g.Scalar(2)], "y"),
        ["a scale before is used twice"] = g =>
        {
            Value scaled = g.Apply("Mul", [g.Input(2, 5, 3), g.Weight("m", 3)], "s");
            return g.Apply("Add", [g.Apply("MatMul", [scaled, g.Weight("w", 3, 3)], "c"), scaled], "y");
        },
        ["a scale before makes channels"] = g => g.Apply("MatMul", [g.Apply("Mul", [g.Input(2, 5, 1), g.Weight("m", 3)], "s"), g.Weight("w", 3, 4)], "y"),
        ["a scale before varies along the rows"] = g => g.Apply("MatMul", [g.Apply("Mul", [g.Input(2, 3, 3), g.Weight("m", 3, 1)], "s"), g.Weight("w", 3, 4)], "y"),
        ["a shift before"] = g => g.Apply("Conv", [g.Apply("Add", [g.Input(2, 3, 5, 5), g.Weight("m", 3, 1, 1)], "s"), g.Weight("w", 4, 3, 3, 3)], "y", [IntList("pads", 1, 1, 1, 1)]),
        ["a scale before a Conv in groups"] = g => g.Apply("Conv", [g.Apply("Mul", [g.Input(2, 4, 5, 5), g.Weight("m", 4, 1, 1)], "s"), g.Weight("w", 4, 2, 3, 3)], "y", [Int("group", 2)]),
        ["the padding mirrors"] = g => Conv(g, g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1)], "p", [Text("mode", "reflect")])),
        ["the padding is not 0"] = g => Conv(g, g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1), g.Scalar(1)], "p")),
        ["channels are padded"] = g => Conv(g, g.Apply("Pad", [g.Input(2, 2, 5, 5), g.Ints(0, 1, 0, 0, 0, 0, 0, 0)], "p")),
        ["MaxPool would see zeros"] = g => g.Apply("MaxPool", [g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1)], "p")], "y", [IntList("kernel_shape", 3, 3)]),
        ["MaxPool tells positions in the padded"] = g =>
        {
            Value y = g.Apply("MaxPool", [g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1), g.Scalar(float.NegativeInfinity)], "p")], "y", [IntList("kernel_shape", 3, 3)]);
            y.Producer!.SetOutput(1, g.AddValue("positions"));
            g.AddOutput(y.Producer.Outputs[1]!);
            return y;
        },
        ["AveragePool does not count its own padding"] = g => g.Apply("AveragePool", [g.Apply("Pad", [g.Input(2, 3, 5, 5), g.Ints(0, 0, 1, 1, 0, 0, 1, 1)], "p")], "y",
            [IntList("kernel_shape", 3, 3), IntList("pads", 1, 1, 1, 1)]),
    };

    public static TheoryData<string> Folded => [.. s_folded.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Folded))]
    public void Goes_into_the_weights(string name) => Assert.Single(Operators(Model(17, s_folded[name])).Split(' '));

    [Theory]
    [MemberData(nameof(Kept))]
    public void Stays_where(string name)
    {
        Model model = Model(17, s_kept[name]);

        Assert.Equal(model.Graph.NodeCount, Operators(model).Split(' ').Length);
    }

    [Fact]
    public void A_bias_that_others_share_is_replaced() => Assert.Equal("Conv Conv Add", Operators(Model(17, g =>
    {
        Value x = g.Input(2, 3, 5, 5);
        Value bias = g.Weight("b", 4);
        Value other = g.Apply("Conv", [x, g.Weight("other", 4, 3, 3, 3), bias], "other");
        return g.Apply("Add", [g.Apply("Mul", [Conv(g, x, bias: bias), g.Weight("m", 4, 1, 1)], "scaled"), other], "y");
    })));

    [Fact]
    public void Below_Full_nothing_goes_into_weights() =>
        Assert.Equal("Conv Mul", Operators(Model(17, s_folded["Conv, Mul"]), new CompilerOptions { Optimization = OptimizationLevel.Basic }));

    [Fact]
    public void Half_precision_stays_within_its_precision()
    {
        Model model = Model(17, g =>
        {
            Value x = g.AddInput("x", new TensorType(ElementType.Float16, Shape.Of(2, 3)));
            Value w = g.AddInitializer("w", Tensor.Create<Half>(ElementType.Float16, [3, 2], [(Half)0.1, (Half)0.2, (Half)0.3, (Half)0.4, (Half)0.5, (Half)0.6]));
            return g.Apply("Mul", [g.Apply("MatMul", [x, w], "c"), g.AddInitializer("m", Tensor.Create<Half>(ElementType.Float16, [2], [(Half)3, (Half)7]))], "y");
        });

        Assert.Equal(1, Compile(model, tolerance: 2e-3).NodesAfter);
    }

    private static Value Conv(Graph g, Value? x = null, Value? weight = null, Value? bias = null)
    {
        x ??= g.Input(2, 3, 5, 5);
        weight ??= g.Weight("w", 4, 3, 3, 3);
        return g.Apply("Conv", bias is null ? [x, weight] : [x, weight, bias], "conv");
    }

    private static Value Double(Graph g) => g.Apply("MatMul",
        [g.AddInput("x", new TensorType(ElementType.Double, Shape.Of(5, 2))), g.AddInitializer("w", Tensor.Create<double>(ElementType.Double, [2, 3], [1, 2, 3, 4, 5, 6]))], "c");

    private static Value Gemm(Graph g, long transposed, params long[] sizes) =>
        g.Apply("Gemm", [g.Input(2, 3), g.Weight("w", sizes), g.Weight("b", 4)], "c", [Int("transB", transposed), Number("alpha", 0.5f)]);

    private static Value Normalize(Graph g, Value x, long channels) =>
        g.Apply("BatchNormalization", [x, .. new[] { "scale", "bias!", "mean!!", "variance" }.Select(name => g.Weight(name, channels))], "y", [Number("epsilon", 1e-3f)]);
}
