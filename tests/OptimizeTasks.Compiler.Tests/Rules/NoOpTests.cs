using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Each case stands between a Relu and a Sigmoid, so that neither an input nor an output is beside it.</summary>
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
        ["Neg of Neg"] = (g, x) => g.Apply("Neg", [g.Apply("Neg", [x], "n")], "y"),
        ["Relu of Relu"] = (g, x) => g.Apply("Relu", [x], "y"),
        ["Split and Concat"] = (g, x) => Join(g, x, [2, 2]),
        ["Concat and Split"] = (g, x) => Part(g, g.Apply("Concat", [x, g.Apply("Exp", [x], "e")], "c", [Int("axis", 1)])),
        ["Slices joined in order"] = (g, x) => g.Apply("Concat", [Slice(g, x, 0, 1), Slice(g, x, 1, 3), Slice(g, x, 3, 9)], "y", [Int("axis", -1)]),
        ["Gather of everything"] = (g, x) => g.Apply("Gather", [x, g.Ints(0, 1, 2)], "y", [Int("axis", 1)]),
        ["Clip without limits"] = (g, x) => g.Apply("Clip", [x], "y"),
        ["Resize by 1"] = (g, x) => g.Apply("Resize", [x, null, g.Floats(1, 1, 1)], "y", [Text("mode", "linear")]),
        ["ReduceSum of an axis of 1"] = (g, x) => g.Apply("Squeeze", [g.Apply("ReduceSum", [g.Apply("Unsqueeze", [x, g.Ints(1)], "u"), g.Ints(1)], "r"), g.Ints(1)], "y"),
        ["Transposes of axes of 1"] = (g, x) => g.Apply("Squeeze", [g.Apply("Transpose", [g.Apply("Unsqueeze", [x, g.Ints(0)], "u")], "t", [IntList("perm", 1, 2, 0, 3)]), g.Ints(2)], "y"),
        ["Unsqueezes and Squeezes"] = (g, x) => g.Apply("Squeeze", [g.Apply("Unsqueeze", [g.Apply("Unsqueeze", [x, g.Ints(0)], "u"), g.Ints(3, -1)], "v"), g.Ints(0, -1, 3)], "y"),
        ["Where that chooses the same"] = (g, x) => g.Apply("Where", [g.Apply("Greater", [x, g.Scalar(0)], "g"), x, x], "y"),
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
        ["Concat of one half twice"] = ("Concat", (g, x) => g.Apply("Concat", [Slice(g, x, 0, 2), Slice(g, x, 0, 2)], "y", [Int("axis", 2)])),
        ["Split and Concat in another order"] = ("Concat", (g, x) => Join(g, x, [2, 2], backwards: true)),
        ["Concat and Split elsewhere"] = ("Split", (g, x) => Split(g, g.Apply("Concat", [x, x], "c", [Int("axis", 1)]), 1, 1, 5)[1]),
        ["Gather in another order"] = ("Gather", (g, x) => g.Apply("Gather", [x, g.Ints(0, 2, 1)], "y", [Int("axis", 1)])),
        ["Clip with limits"] = ("Clip", (g, x) => g.Apply("Clip", [x, g.Scalar(0.25f)], "y")),
        ["Resize to the same size by another factor"] = ("Resize", (g, x) => g.Apply("Resize", [x, null, g.Floats(1, 1, 1.2f)], "y", [Text("mode", "linear")])),
        ["Reciprocal of Reciprocal"] = ("Reciprocal", (g, x) => g.Apply("Reciprocal", [g.Apply("Reciprocal", [g.Apply("Exp", [x], "e")], "r")], "y")),
        ["Pad by one"] = ("Pad", (g, x) => g.Apply("Pad", [x, g.Ints(0, 0, 0, 0, 0, 1)], "y")),
    };

    public static TheoryData<string> Without => [.. s_without.Keys];

    public static TheoryData<string> With => [.. s_with.Keys];

    [Theory]
    [MemberData(nameof(Without))]
    public void What_changes_nothing_goes(string name) => Assert.Equal("Relu Sigmoid", Operators(Between(s_without[name])));

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
    public void Two_reshapes_are_one() => Assert.Equal("Relu Reshape Sigmoid", Operators(Between((g, x) =>
        g.Apply("Reshape", [g.Apply("Flatten", [x], "f", [Int("axis", 1)]), g.Ints(-1, 6)], "y"))));

    [Fact]
    public void Chains_of_reshapes_are_one() => Assert.Equal("Relu Reshape Sigmoid", Operators(Between((g, x) =>
        g.Apply("Unsqueeze", [g.Apply("Squeeze", [g.Apply("Unsqueeze", [g.Apply("Flatten", [x], "f", [Int("axis", 1)]), g.Ints(0)], "u"), g.Ints(0)], "s"), g.Ints(1)], "y"))));

    [Fact]
    public void Unsqueezes_of_sizes_that_are_not_known_are_one() => Assert.Equal("Unsqueeze", Operators(Model(17, g =>
        g.Apply("Unsqueeze", [g.Apply("Unsqueeze", [g.Input("a", "b", "c"), g.Ints(0, 2)], "u"), g.Ints(1, -2)], "y"))));

    [Fact]
    public void Slices_of_two_axes_are_one() => Assert.Equal("Slice", Operators(Model(17, g =>
    {
        Value x = g.Input("a", "6", "7");
        Value rows = g.Apply("Slice", [x, g.Ints(0), g.Ints(6), g.Ints(1), g.Ints(2)], "rows");
        return g.Apply("Slice", [rows, g.Ints(-3), g.Ints(long.MaxValue), g.Ints(-1)], "y");
    })));

    /// <summary>Swin's patch merging: every other row, and of these every other column.</summary>
    [Fact]
    public void Slices_of_a_slice_are_slices_of_its_input() => Assert.Equal("Slice Slice Concat", Operators(Model(17, g =>
    {
        Value x = g.Input("a", "6", "8");
        Value rows = g.Apply("Slice", [x, g.Ints(0), g.Ints(6), g.Ints(1), g.Ints(2)], "rows");
        return g.Apply("Concat", [.. new long[] { 0, 1 }.Select(start => g.Apply("Slice", [rows, g.Ints(start), g.Ints(8), g.Ints(2), g.Ints(2)], "s"))], "y", [Int("axis", 2)]);
    })));

    [Fact]
    public void Slices_of_one_axis_are_two() => Assert.Equal("Slice Slice", Operators(Model(17, g =>
        g.Apply("Slice", [g.Apply("Slice", [g.Input(3, 6), g.Ints(1), g.Ints(5), g.Ints(1)], "s"), g.Ints(1), g.Ints(3), g.Ints(1)], "y"))));

    [Fact]
    public void Concats_of_one_axis_are_one() => Assert.Equal("Exp Concat", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "3");
        Value e = g.Apply("Exp", [x], "e");
        return g.Apply("Concat", [e, g.Apply("Concat", [x, e], "c", [Int("axis", -1)]), x], "y", [Int("axis", 1)]);
    })));

    /// <summary>Torch's roll, as in shifted windows.</summary>
    [Fact]
    public void A_rolled_axis_is_gathered() => Assert.Equal("Relu Gather Sigmoid", Operators(Model(17, g =>
    {
        Value x = g.Apply("Relu", [g.Input("batch", "8", "32")], "first");
        return g.Apply("Sigmoid", [g.Apply("Concat", [Slice(g, x, 3, long.MaxValue, 1), Slice(g, x, 0, 3, 1)], "c", [Int("axis", 1)])], "y");
    })));

    [Fact]
    public void Halves_are_split() => Assert.Equal("Split Exp Add", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "8", "6");
        return g.Apply("Add", [g.Apply("Exp", [Slice(g, x, -4, long.MaxValue, 1)], "e"), Slice(g, x, 0, 4, -2)], "y");
    })));

    [Fact]
    public void Halves_in_an_old_operator_set_are_split_by_an_attribute()
    {
        CompilationResult result = Compile(Model(11, g =>
        {
            Value x = g.Input("batch", "8", "6");
            return g.Apply("Add", [g.Apply("Exp", [Slice(g, x, 0, 4, 1)], "e"), Slice(g, x, 4, 8, 1)], "y");
        }));

        Assert.Equal(["Split", "Exp", "Add"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.InRange(result.Model.Opset, 7, 11);
    }

    [Fact]
    public void Slices_with_a_gap_stay() => Assert.Equal("Slice Exp Slice Add", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "8", "6");
        return g.Apply("Add", [g.Apply("Exp", [Slice(g, x, 0, 4, 1)], "e"), Slice(g, x, 3, 7, 1)], "y");
    })));

    [Fact]
    public void An_Expand_that_broadcasting_does_anyway_goes() => Assert.Equal("Relu Add", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "3", "4");
        Value target = g.Apply("Shape", [x], "s");
        return g.Apply("Add", [g.Apply("Expand", [g.Apply("Relu", [g.AddInput("z", new TensorType(ElementType.Float, Shape.Of(1, 3, 1)))], "r"), target], "e"), x], "y");
    })));

    [Fact]
    public void An_Expand_that_others_need_stays() => Assert.Contains("Expand", Operators(Model(17, g =>
    {
        Value e = g.Apply("Expand", [g.Input(1, 4), g.Ints(3, 4)], "e");
        return g.Apply("Concat", [g.Apply("Add", [e, g.Weight("w", 3, 4)], "a"), e], "y", [Int("axis", 0)]);
    })), StringComparison.Ordinal);

    private static Value Slice(Graph g, Value x, long start, long end, long axis = 2) => g.Apply("Slice", [x, g.Ints(start), g.Ints(end), g.Ints(axis)], "slice");

    private static Value[] Split(Graph g, Value x, long axis, params long[] sizes)
    {
        Node split = g.Apply("Split", [x, g.Ints(sizes)], "part", [Int("axis", axis)]).Producer!;
        for (int i = 1; i < sizes.Length; i++)
            split.SetOutput(i, g.AddValue($"part{i}"));
        return [.. split.Outputs.Select(o => o!)];
    }

    private static Value Join(Graph g, Value x, long[] sizes, bool backwards = false) =>
        g.Apply("Concat", backwards ? [.. Split(g, x, 2, sizes).Reverse()] : Split(g, x, 2, sizes), "y", [Int("axis", -1)]);

    /// <summary>The first three rows of the middle axis.</summary>
    private static Value Part(Graph g, Value joined) => Split(g, joined, 1, 3, 3)[0];

    private static Model Between(Func<Graph, Value, Value> build) => Model(17, g =>
    {
        Value x = g.Apply("Relu", [g.Input("batch", "3", "4")], "first");
        return g.Apply("Sigmoid", [build(g, x)], "last");
    });
}
