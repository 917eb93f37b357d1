using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>Products whose kernel takes in the Transpose before them and the scale behind them.</summary>
public class FusedMatMulTests
{
    private static readonly CompilerOptions s_cuda = new() { Providers = ["Cuda", "Cpu"] };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Expected)> s_fused = new()
    {
        ["the second operand"] = (g => g.Op("MatMul", g.Input("n", "3", "4"), Turned(g, "n", 5, 4)), "FusedMatMul(0, 1, 1)"),
        ["the first operand"] = (g => g.Op("MatMul", Turned(g, "n", 4, 3), g.Input("n", "4", "5")), "FusedMatMul(1, 0, 1)"),
        ["both operands"] = (g => Narrow(g), "FusedMatMul(1, 1, 1)"),
        ["four axes, one batch for all"] = (g => g.Op("MatMul", g.Input("n", "2", "3", "4"), Turned(g, 1, 2, 5, 4)), "FusedMatMul(0, 1, 1)"),
        ["a matrix for every batch"] = (g => g.Op("MatMul", Turned(g, "n", 2, 4, 3), g.Input("4", "5")), "FusedMatMul(1, 0, 1)"),
        ["a factor"] = (g => g.Op("Mul", Product(g), g.Scalar(0.125f)), "FusedMatMul(0, 0, 0.125)"),
        ["a factor first"] = (g => g.Op("Mul", g.Floats(0.5f), Product(g)), "FusedMatMul(0, 0, 0.5)"),
        ["a divisor"] = (g => g.Op("Div", Product(g), g.Scalar(8)), "FusedMatMul(0, 0, 0.125)"),
        ["a negative divisor of as many axes"] = (g => g.Op("Div", Product(g), g.AddInitializer("c", Tensor.Create<float>(ElementType.Float, [1, 1, 1], [-4]))), "FusedMatMul(0, 0, -0.25)"),
        ["both operands and a factor"] = (g => g.Op("Mul", Narrow(g), g.Scalar(2)), "FusedMatMul(1, 1, 2)"),
        ["a transposed operand that goes on, and a factor"] = (g =>
        {
            Value turned = Turned(g, "n", 5, 4);
            g.AddOutput(turned);
            return g.Op("Mul", g.Op("MatMul", g.Input("n", "3", "4"), turned), g.Scalar(0.5f));
        }, "Transpose FusedMatMul(0, 0, 0.5)"),
        ["a transposed operand, and a scaled product that goes on unscaled"] = (g =>
        {
            Value product = g.Op("MatMul", g.Input("n", "3", "4"), Turned(g, "n", 5, 4));
            g.AddOutput(product);
            return g.Op("Mul", product, g.Scalar(0.5f));
        }, "FusedMatMul(0, 1, 1) Mul"),
    };

    private static readonly Dictionary<string, (Func<Graph, Value> Build, string Operators)> s_left = new()
    {
        ["a product alone"] = (g => Product(g), "MatMul"),
        ["a transposed operand that is an output"] = (g =>
        {
            Value turned = Turned(g, "n", 5, 4);
            g.AddOutput(turned);
            return g.Op("MatMul", g.Input("n", "3", "4"), turned);
        }, "Transpose MatMul"),
        ["a transposed operand that another node uses"] = (g =>
        {
            Value turned = Turned(g, "n", 5, 4);
            return g.Op("Concat", Int("axis", 1), g.Op("MatMul", g.Input("n", "3", "4"), turned), turned);
        }, "Transpose MatMul Concat"),
        ["other axes"] = (g => g.Op("MatMul", g.Input("2", "n", "3", "4"), g.Op("Transpose", IntList("perm", 0, 2, 3, 1), g.NamedInput("y", 2, 5, "n", 4))), "Transpose MatMul"),
        ["a scaled product that is an output"] = (g =>
        {
            Value product = Product(g);
            g.AddOutput(product);
            return g.Op("Mul", product, g.Scalar(0.5f));
        }, "MatMul Mul"),
        ["a scaled product that another node uses"] = (g =>
        {
            Value product = Product(g);
            return g.Op("Sub", g.Op("Mul", product, g.Scalar(0.5f)), g.Op("Exp", product));
        }, "MatMul Mul Exp Sub"),
        ["a factor for each column"] = (g => g.Op("Mul", Product(g), g.Weight("c", 5)), "MatMul Mul"),
        ["a factor that is computed"] = (g => g.Op("Mul", Product(g), g.NamedInput("c", 1)), "MatMul Mul"),
        ["a factor of more axes"] = (g => g.Op("Mul", Product(g), g.Weight("c", 1, 1, 1, 1)), "MatMul Mul"),
        ["the product as divisor"] = (g => g.Op("Div", g.Scalar(2), Product(g)), "MatMul Div"),
        ["a factor of zero"] = (g => g.Op("Mul", Product(g), g.Scalar(0)), "MatMul Mul"),
        ["a divisor of zero"] = (g => g.Op("Div", Product(g), g.Scalar(0)), "MatMul Div"),
        ["a factor that is subnormal"] = (g => g.Op("Mul", Product(g), g.Scalar(1e-40f)), "MatMul Mul"),
        ["a vector"] = (g => g.Op("Mul", g.Op("MatMul", g.Input("n", "3", "4"), g.NamedInput("y", 4)), g.Scalar(2)), "MatMul Mul"),
        ["a quantised operand"] = (g => g.Op("Mul", g.Op("MatMul", g.Input("n", "3", "4"), g.Op("DequantizeLinear", g.AddInput("q", new TensorType(ElementType.UInt8, Shape.Of(4, 5))), g.Scalar(0.5f))), g.Scalar(2)), "DequantizeLinear MatMul Mul"),
    };

    public static TheoryData<string> Fused => [.. s_fused.Keys];

    public static TheoryData<string> Left => [.. s_left.Keys];

    [Theory]
    [MemberData(nameof(Fused))]
    public void The_kernel_takes_in(string name) => Assert.Equal(s_fused[name].Expected, Text(Compile(Model(21, s_fused[name].Build), s_cuda)));

    [Theory]
    [MemberData(nameof(Left))]
    public void The_operators_stay_for(string name) => Assert.Equal(s_left[name].Operators, Operators(Model(21, s_left[name].Build), s_cuda));

    [Fact]
    public void The_processor_has_it_for_floats_alone()
    {
        CompilationResult Of(ElementType type) => Compile(Model(21, g => g.Op("MatMul", g.AddInput("x", new TensorType(type, Shape.Of(2, 3, 4))),
            g.Op("Transpose", IntList("perm", 0, 2, 1), g.AddInput("y", new TensorType(type, Shape.Of(2, 5, 4)))))));

        Assert.Equal("FusedMatMul(0, 1, 1)", Text(Of(ElementType.Float)));
        CompilationResult doubles = Of(ElementType.Double);
        Assert.Equal("Transpose MatMul", Text(doubles));
        Assert.Contains("Cpu has no kernel for FusedMatMul of Double", doubles.NearMisses["FusedMatMul"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_without_the_kernel_keeps_the_operators() =>
        Assert.Equal("MatMul Mul", Operators(Model(21, s_fused["a factor"].Build), new CompilerOptions { Providers = ["WebGpu", "Cpu"] }));

    private static Value Product(Graph g) => g.Op("MatMul", g.Input("n", "3", "4"), g.NamedInput("y", "n", 4, 5));

    /// <summary>A product that is larger than its operands, so that these are transposed and not the product.</summary>
    private static Value Narrow(Graph g) => g.Op("MatMul", Turned(g, "n", 2, 8), g.Op("Transpose", IntList("perm", 0, 2, 1), g.Input("n", "9", "2")));

    /// <summary>An input whose last two axes are exchanged.</summary>
    private static Value Turned(Graph g, params object[] sizes) =>
        g.Op("Transpose", IntList("perm", [.. Enumerable.Range(0, sizes.Length - 2).Select(i => (long)i), sizes.Length - 1, sizes.Length - 2]), g.NamedInput("t", sizes));

    /// <summary>The operators in order, that of the kernel with its attributes.</summary>
    private static string Text(CompilationResult result) => string.Join(' ', result.Model.Graph.Nodes.Select(n => n.OpType != "FusedMatMul" ? n.OpType
        : FormattableString.Invariant($"FusedMatMul({n.IntAttribute("transA")}, {n.IntAttribute("transB")}, {n.FloatAttribute("alpha", 1)})")));
}
