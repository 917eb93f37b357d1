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

    private static readonly Dictionary<string, (string Operators, Func<Graph, Value> Build)> s_linear = new()
    {
        ["three axes"] = ("MatMul Add", g => Linear(g, g.Input("n", "m", "4"), [-1, 4])),
        ["three axes without a bias"] = ("MatMul", g => Linear(g, g.Input("n", "m", "4"), [-1, 4], bias: [])),
        ["a weight that is transposed"] = ("MatMul Add", g => Linear(g, g.Input("n", "m", "4"), [-1, 4], transposed: true)),
        ["heads that are joined"] = ("Reshape MatMul Add", g => Linear(g, g.Input("n", "m", "2", "2"), [-1, 4])),
        ["a bias of one number"] = ("MatMul Add", g => Linear(g, g.Input("n", "m", "4"), [-1, 4], bias: [1])),
        ["a bias with a row"] = ("Reshape Gemm Shape Concat Reshape", g => Linear(g, g.Input("n", "m", "4"), [-1, 4], bias: [1, 5])),
        ["a product that is scaled"] = ("Reshape Gemm Shape Concat Reshape", g => Linear(g, g.Input("n", "m", "4"), [-1, 4], alpha: 0.5f)),
        ["rows that are cut otherwise"] = ("Reshape Gemm Reshape", g => Linear(g, g.Input(2, 6, 2), [-1, 4], target: g.Ints(2, 3, 5))),
        ["columns that are parted"] = ("Reshape Gemm Reshape", g => Linear(g, g.Input(2, 3, 4), [-1, 4], bias: [6], target: g.Ints(2, 3, 3, 2))),
        ["rows that are put together otherwise"] = ("Reshape Gemm Reshape", g => Linear(g, g.Input(2, 3, 4), [-1, 4], target: g.Ints(3, 2, 5))),
    };

    public static TheoryData<string> Linears => [.. s_linear.Keys];

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_product_adds_what_has_its_shape(string name) => Assert.Equal(s_cases[name].Operators, Operators(Model(18, s_cases[name].Build)));

    [Theory]
    [MemberData(nameof(Linears))]
    public void A_linear_layer_of_rows_takes_the_shape_that_they_came_from(string name) => Assert.Equal(s_linear[name].Operators, Operators(Model(18, s_linear[name].Build)));

    /// <summary>Reshape to rows, Gemm, and Reshape to the first two sizes of x and the columns, or to a given target.</summary>
    private static Value Linear(Graph g, Value x, long[] rows, long[]? bias = null, float alpha = 1, bool transposed = false, Value? target = null)
    {
        bias ??= [5];
        long columns = bias is [6] ? 6 : 5;
        Value?[] inputs = [g.Op("Reshape", x, g.Ints(rows)), transposed ? g.Weight("weight", columns, 4) : g.Weight("weight", 4, columns), bias.Length == 0 ? null : g.Weight("bias", bias)];
        Value product = g.Apply("Gemm", inputs[2] is null ? inputs[..2] : inputs, "product", [Number("alpha", alpha), Int("transB", transposed ? 1 : 0)]);
        Value sizes = g.Apply("Shape", [x], "sizes", [Int("start", 0), Int("end", 2)]);
        return g.Op("Reshape", product, target ?? g.Apply("Concat", [sizes, g.Ints(columns)], "target", [Int("axis", 0)]));
    }

    private static Value Product(Graph g, Value? bias = null) =>
        g.Op("Gemm", Number("alpha", 0.5f), bias is null ? [g.NamedInput("a", 3, 4), g.NamedInput("b", 4, 5)] : [g.NamedInput("a", 3, 4), g.NamedInput("b", 4, 5), bias]);
}
