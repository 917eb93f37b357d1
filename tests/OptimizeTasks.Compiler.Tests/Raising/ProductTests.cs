using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class ProductTests
{
    private static readonly Dictionary<string, (string Operators, Func<Graph, Value> Build)> s_cases = new()
    {
        ["Add"] = ("Gemm", g => g.Op("Add", Product(g), g.NamedInput("c", 3, 5))),
        ["Add, the product second"] = ("Gemm", g => g.Op("Add", g.NamedInput("c", 3, 1), Product(g))),
        ["Sum"] = ("Gemm", g => g.Op("Sum", g.NamedInput("c", 5), Product(g))),
        ["Sum of three"] = ("Gemm Sum", g => g.Op("Sum", g.NamedInput("c", 5), Product(g), g.NamedInput("d", 5))),
        ["there is a bias"] = ("Gemm Add", g => g.Op("Add", Product(g, g.NamedInput("bias", 3, 5)), g.NamedInput("c", 3, 5))),
        ["the sum has more elements"] = ("Gemm Add", g => g.Op("Add", Product(g), g.NamedInput("c", 2, 3, 5))),
        ["one row becomes many"] = ("Gemm Add", g => g.Op("Add", g.Op("Gemm", g.NamedInput("a", 1, 4), g.NamedInput("b", 4, 5)), g.NamedInput("c", 3, 5))),
        ["the size is not known to be equal"] = ("Gemm Add", g => g.Op("Add", g.Op("Gemm", g.NamedInput("a", "rows", 4), g.NamedInput("b", 4, 5)), g.NamedInput("c", 3, 5))),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_product_adds_what_has_its_shape(string name) => Assert.Equal(s_cases[name].Operators, Operators(Model(18, s_cases[name].Build)));

    private static Value Product(Graph g, Value? bias = null) =>
        g.Op("Gemm", Number("alpha", 0.5f), bias is null ? [g.NamedInput("a", 3, 4), g.NamedInput("b", 4, 5)] : [g.NamedInput("a", 3, 4), g.NamedInput("b", 4, 5), bias]);
}
