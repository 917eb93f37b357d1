using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Each case stands between two Relus, so that neither an input nor an output is beside it.</summary>
public class NoOpTests
{
    private static readonly Dictionary<string, Func<Graph, Value, Value>> s_without = new()
    {
        ["Identity"] = (g, x) => g.Apply("Identity", [x], "y"),
        ["Dropout"] = (g, x) => g.Apply("Dropout", [x], "y"),
        ["Dropout, not training"] = (g, x) => g.Apply("Dropout", [x, g.Scalar(0.5f), g.AddInitializer("t", Tensor.Create<byte>(ElementType.Bool, [], [0]))], "y"),
        ["Cast to the same type"] = (g, x) => g.Apply("Cast", [x], "y", [Int("to", (long)ElementType.Float)]),
        ["Concat of one"] = (g, x) => g.Apply("Concat", [x], "y", [Int("axis", 0)]),
        ["Transpose that keeps"] = (g, x) => g.Apply("Transpose", [x], "y", [IntList("perm", 0, 1, 2)]),
        ["Reshape to the same"] = (g, x) => g.Apply("Reshape", [x, g.Ints(0, 3, -1)], "y"),
        ["Expand to the same"] = (g, x) => g.Apply("Expand", [x, g.Ints(1, 3, 4)], "y"),
        ["Slice of everything"] = (g, x) => g.Apply("Slice", [x, g.Ints(0), g.Ints(long.MaxValue), g.Ints(1)], "y"),
        ["Pad by nothing"] = (g, x) => g.Apply("Pad", [x, g.Ints(0, 0, 0, 0, 0, 0)], "y"),
        ["Tile once"] = (g, x) => g.Apply("Tile", [x, g.Ints(1, 1, 1)], "y"),
        ["Add 0"] = (g, x) => g.Apply("Add", [x, g.Scalar(0)], "y"),
        ["0 + x"] = (g, x) => g.Apply("Add", [g.Floats(0, 0, 0, 0), x], "y"),
        ["Sub 0"] = (g, x) => g.Apply("Sub", [x, g.Scalar(0)], "y"),
        ["Mul 1"] = (g, x) => g.Apply("Mul", [x, g.Floats(1)], "y"),
        ["Div 1"] = (g, x) => g.Apply("Div", [x, g.Scalar(1)], "y"),
        ["Pow 1"] = (g, x) => g.Apply("Pow", [x, g.Scalar(1)], "y"),
        ["Transposes that cancel"] = (g, x) => g.Apply("Transpose", [g.Apply("Transpose", [x], "t", [IntList("perm", 2, 0, 1)])], "y", [IntList("perm", 1, 2, 0)]),
        ["Unsqueeze and Squeeze"] = (g, x) => g.Apply("Squeeze", [g.Apply("Unsqueeze", [x, g.Ints(1)], "u"), g.Ints(1)], "y"),
        ["Where that always chooses it"] = (g, x) => g.Apply("Where", [g.AddInitializer("w", Tensor.Create<byte>(ElementType.Bool, [], [1])), x, g.Scalar(2)], "y"),
    };

    private static readonly Dictionary<string, (string Expected, Func<Graph, Value, Value> Build)> s_with = new()
    {
        ["Add 0 that broadcasts"] = ("Add", (g, x) => g.Apply("Add", [x, g.AddInitializer("c", Tensor.Create<float>(ElementType.Float, [2, 1, 1, 1], [0, 0]))], "y")),
        ["Mul 1 that adds an axis"] = ("Mul", (g, x) => g.Apply("Mul", [x, g.AddInitializer("c", Tensor.Create<float>(ElementType.Float, [1, 1, 1, 1], [1]))], "y")),
        ["Add of a negative"] = ("Add", (g, x) => g.Apply("Add", [x, g.Floats(0, 0, 0, -1)], "y")),
        ["1 − x"] = ("Sub", (g, x) => g.Apply("Sub", [g.Scalar(0), x], "y")),
        ["1 / x"] = ("Div", (g, x) => g.Apply("Div", [g.Scalar(1), g.Apply("Exp", [x], "e")], "y")),
        ["Slice that reverses"] = ("Slice", (g, x) => g.Apply("Slice", [x, g.Ints(-1), g.Ints(long.MinValue), g.Ints(1), g.Ints(-1)], "y")),
        ["Expand that enlarges"] = ("Expand", (g, x) => g.Apply("Expand", [x, g.Ints(2, 1, 1, 1)], "y")),
        ["Transpose of equal sizes"] = ("Transpose", (g, x) => g.Apply("Transpose", [g.Apply("Reshape", [x, g.Ints(-1, 2, 2)], "r")], "y", [IntList("perm", 0, 2, 1)])),
        ["Pad by one"] = ("Pad", (g, x) => g.Apply("Pad", [x, g.Ints(0, 0, 0, 0, 0, 1)], "y")),
    };

    public static TheoryData<string> Without => [.. s_without.Keys];

    public static TheoryData<string> With => [.. s_with.Keys];

    [Theory]
    [MemberData(nameof(Without))]
    public void What_changes_nothing_goes(string name) => Assert.Equal("Relu Relu", Operators(Between(s_without[name])));

    [Theory]
    [MemberData(nameof(With))]
    public void What_changes_something_stays(string name) => Assert.Contains(s_with[name].Expected, Operators(Between(s_with[name].Build)), StringComparison.Ordinal);

    [Fact]
    public void An_identity_between_an_input_and_an_output_stays() => Assert.Equal("Identity", Operators(Model(17, g => g.Apply("Identity", [g.Input(2, 3)], "y"))));

    [Fact]
    public void Random_dropout_stays()
    {
        Model model = Model(17, g => g.Apply("Dropout", [g.Input(2, 3), g.Scalar(0.5f), g.AddInitializer("t", Tensor.Create<byte>(ElementType.Bool, [], [1]))], "y"));

        Assert.Equal(1, new ModelCompiler(new CompilerOptions()).Compile(model).NodesAfter);
    }

    [Fact]
    public void A_cast_through_a_narrower_type_stays() => Assert.Equal("Cast Cast", Operators(Model(17, g =>
        g.Apply("Cast", [g.Apply("Cast", [g.Input(2, 3)], "h", [Int("to", (long)ElementType.Float16)])], "y", [Int("to", (long)ElementType.Float)]))));

    [Fact]
    public void A_cast_through_a_wider_type_goes() => Assert.Equal("Cast", Operators(Model(17, g =>
        g.Apply("Cast", [g.Apply("Cast", [g.Input(2, 3)], "d", [Int("to", (long)ElementType.Double)])], "y", [Int("to", (long)ElementType.Float16)]))));

    [Fact]
    public void Two_reshapes_are_one() => Assert.Equal("Relu Reshape Relu", Operators(Between((g, x) =>
        g.Apply("Reshape", [g.Apply("Flatten", [x], "f", [Int("axis", 1)]), g.Ints(-1, 6)], "y"))));

    private static Model Between(Func<Graph, Value, Value> build) => Model(17, g =>
    {
        Value x = g.Apply("Relu", [g.Input("batch", "3", "4")], "first");
        return g.Apply("Relu", [build(g, x)], "last");
    });
}
