using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Each case is computed between a transpose of [2, 3, 4, 5] to [2, 4, 5, 3] and one that takes it back.</summary>
public class TransposeTests
{
    private static readonly long[] s_there = [0, 2, 3, 1];
    private static readonly long[] s_back = [0, 3, 1, 2];

    private static readonly Dictionary<string, Func<Graph, Value, Value>> s_carried = new()
    {
        ["Relu"] = (g, x) => g.Apply("Relu", [x], "y"),
        ["Cast"] = (g, x) => g.Apply("Cast", [g.Apply("Cast", [x], "c", [Int("to", (long)ElementType.Float16)])], "y", [Int("to", (long)ElementType.Float)]),
        ["Clip"] = (g, x) => g.Apply("Clip", [x, g.Scalar(0), g.Scalar(0.5f)], "y"),
        ["a chain"] = (g, x) => g.Apply("Sigmoid", [g.Apply("Neg", [g.Apply("Exp", [x], "e")], "n")], "y"),
        ["Add of a number per channel"] = (g, x) => g.Apply("Add", [x, g.Weight("w", 3)], "y"),
        ["Mul of all axes"] = (g, x) => g.Apply("Mul", [g.Weight("w", 2, 4, 5, 3), x], "y"),
        ["Sub of two axes"] = (g, x) => g.Apply("Sub", [g.Weight("w", 5, 1), x], "y"),
        ["Where"] = (g, x) => g.Apply("Where", [g.Apply("Greater", [x, g.Scalar(0)], "g"), x, g.Weight("w", 4, 1, 3)], "y"),
        ["with itself"] = (g, x) => g.Apply("Mul", [x, g.Apply("Sigmoid", [x], "s")], "y"),
        ["PRelu"] = (g, x) => g.Apply("PRelu", [x, g.Weight("slope", 3)], "y"),
        ["ReduceMean"] = (g, x) => g.Apply("Add", [x, g.Apply("ReduceMean", [x, g.Ints(1, -1)], "m")], "y"),
        ["LogSoftmax of a middle axis"] = (g, x) => g.Apply("LogSoftmax", [x], "y", [Int("axis", 2)]),
        ["Concat"] = (g, x) => g.Apply("Slice", [g.Apply("Concat", [x, g.Weight("w", 2, 4, 1, 3)], "c", [Int("axis", -2)]), g.Ints(1), g.Ints(6), g.Ints(2)], "y"),
        ["Split"] = (g, x) => g.Apply("Concat", Split(g, x), "y", [Int("axis", 1)]),
        ["Slice without axes"] = (g, x) => g.Apply("Pad", [g.Apply("Slice", [x, g.Ints(0, 1), g.Ints(2, 4)], "s"), g.Ints(0, 1, 0, 0, 0, 0, 0, 0)], "y"),
        ["Slice backwards"] = (g, x) => g.Apply("Slice", [x, g.Ints(-1), g.Ints(long.MinValue), g.Ints(3), g.Ints(-1)], "y"),
        ["Pad of axes"] = (g, x) => g.Apply("Slice", [g.Apply("Pad", [x, g.Ints(1, 2), g.Scalar(1), g.Ints(2)], "p"), g.Ints(0), g.Ints(5), g.Ints(-2)], "y"),
        ["Gather of several"] = (g, x) => g.Apply("Gather", [x, g.Ints(2, 0, 1)], "y", [Int("axis", -1)]),
        ["Tile"] = (g, x) => g.Apply("Slice", [g.Apply("Tile", [x, g.Ints(1, 2, 1, 1)], "t"), g.Ints(2), g.Ints(6), g.Ints(1)], "y"),
        ["Unsqueeze and Squeeze"] = (g, x) => g.Apply("Squeeze", [g.Apply("Exp", [g.Apply("Unsqueeze", [x, g.Ints(1, -1)], "u")], "e"), g.Ints(1, 5)], "y"),
        ["Reshape that splits and joins"] = (g, x) => g.Apply("Reshape", [g.Apply("Exp", [g.Apply("Reshape", [x, g.Ints(2, 2, 2, 5, 3)], "r")], "e"), g.Ints(2, 4, 5, 3)], "y"),
        ["MatMul of the last axis that stays"] = (g, x) => g.Apply("Transpose", [g.Apply("MatMul", [g.Apply("Transpose", [x], "t", [IntList("perm", 0, 3, 1, 2)]), g.Weight("w", 5, 5)], "m")], "y", [IntList("perm", s_there)]),
        ["QuantizeLinear"] = (g, x) => g.Apply("DequantizeLinear", [g.Apply("QuantizeLinear", [x, g.Scalar(0.1f)], "q"), g.Scalar(0.1f)], "y"),
    };

    private static readonly Dictionary<string, Func<Graph, Value, Value>> s_kept = new()
    {
        ["Softmax of the last axis"] = (g, x) => g.Apply("Softmax", [x], "y", [Int("axis", -1)]),
        ["LayerNormalization"] = (g, x) => g.Apply("LayerNormalization", [x, g.Weight("s", 3)], "y"),
        ["Reshape that joins what was apart"] = (g, x) => g.Apply("Reshape", [g.Apply("Exp", [g.Apply("Reshape", [x, g.Ints(2, 4, 15)], "r")], "e"), g.Ints(2, 4, 5, 3)], "y"),
        ["MatMul of the last axis that moves"] = (g, x) => g.Apply("MatMul", [x, g.Weight("w", 3, 3)], "y"),
        ["a value of another layout"] = (g, x) => g.Apply("Add", [x, g.AddInput("z", new TensorType(ElementType.Float, Shape.Of(2, 4, 5, 3)))], "y"),
    };

    public static TheoryData<string> Carried => [.. s_carried.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Carried))]
    public void Transposes_cancel_around(string name) => Assert.DoesNotContain("Transpose", Operators(Between(s_carried[name])), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Kept))]
    public void Transposes_stay_around(string name) => Assert.Equal(2, Count(Between(s_kept[name])));

    /// <summary>Residual blocks of frameworks that keep channels last: every convolution stands between two transposes.</summary>
    [Fact]
    public void Blocks_in_another_layout_compute_in_that_of_their_convolutions() => Assert.Equal("Conv Relu Conv Add Relu Conv", Operators(
        Model(17, g =>
        {
            Value x = g.Input(2, 4, 5, 5);
            Value first = Relu(g, ChannelsLast(g, x, "first"));
            Value second = Relu(g, g.Apply("Add", [ChannelsLast(g, ChannelsFirst(g, first), "second"), first], "a"));
            return Convolution(g, ChannelsFirst(g, second), "third");
        })));

    [Fact]
    public void Two_transposes_before_a_sum_become_one_behind_it() => Assert.Equal(1, Count(Model(17, g =>
    {
        Value x = g.Input(2, 3, 4, 5);
        Value a = g.Apply("Transpose", [g.Apply("Exp", [x], "e")], "a", [IntList("perm", s_there)]);
        Value b = g.Apply("Transpose", [g.Apply("Abs", [x], "f")], "b", [IntList("perm", s_there)]);
        return g.Apply("Softmax", [g.Apply("Add", [a, b], "s")], "y", [Int("axis", -1)]);
    })));

    [Fact]
    public void A_transpose_goes_behind_what_makes_less_of_it()
    {
        CompilationResult result = Compile(Model(17, g => g.Apply("ReduceSum", [g.Apply("Transpose", [g.Input("batch", "8", "6")], "t", [IntList("perm", 2, 0, 1)]), g.Ints(2)], "y")));

        Assert.Equal(["ReduceSum", "Transpose"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal("y", result.Model.Graph.Outputs[0].Name);
    }

    [Fact]
    public void A_transpose_that_others_need_stays_for_them() => Assert.Equal(1, Count(Model(17, g =>
    {
        Value t = g.Apply("Transpose", [g.Input(2, 3, 4, 5)], "t", [IntList("perm", s_there)]);
        g.AddOutput(t);
        return g.Apply("Transpose", [g.Apply("Exp", [t], "e")], "y", [IntList("perm", s_back)]);
    })));

    [Fact]
    public void No_transpose_is_made_where_only_one_gains() => Assert.Equal(1, Count(Model(17, g =>
    {
        Value e = g.Apply("Exp", [g.Apply("Transpose", [g.Input(2, 3, 4, 5)], "t", [IntList("perm", s_there)])], "e");
        g.AddOutput(e);
        return g.Apply("Sigmoid", [g.Apply("Transpose", [e], "u", [IntList("perm", s_back)])], "y");
    })));

    [Theory]
    [InlineData("Gemm", 0)]
    [InlineData("Gemm", 1)]
    [InlineData("MatMul", 0)]
    [InlineData("MatMul", 1)]
    public void Gemm_reads_a_matrix_transposed(string opType, int input) => Assert.Equal("Gemm", Operators(Model(17, g =>
    {
        Value[] inputs = [g.Input(4, 4), g.AddInput("z", new TensorType(ElementType.Float, Shape.Of(4, 4)))];
        inputs[input] = g.Apply("Transpose", [inputs[input]], "t");
        return g.Apply(opType, inputs, "y");
    })));

    [Theory]
    [InlineData(false, "Gemm")]
    [InlineData(true, "Gemm Transpose")]
    public void A_Gemm_that_is_transposed_multiplies_in_the_other_order(bool isOutput, string expected) => Assert.Equal(expected, Operators(Model(17, g =>
    {
        Value product = g.Apply("Gemm", [g.Input(4, 2), g.AddInput("z", new TensorType(ElementType.Float, Shape.Of(4, 3)))], "p", [Int("transA", 1), Number("alpha", 3)]);
        if (isOutput)
            g.AddOutput(product);
        return g.Apply("Transpose", [product], "y");
    })));

    [Fact]
    public void A_transposed_product_of_transposed_matrices_is_the_product_in_the_other_order() => Assert.Equal("MatMul Relu", Operators(Model(17, g =>
    {
        Value a = g.Apply("Transpose", [g.Input(2, 4, 3)], "a", [IntList("perm", 0, 2, 1)]);
        Value b = g.Apply("Transpose", [g.AddInput("z", new TensorType(ElementType.Float, Shape.Of(2, 5, 4)))], "b", [IntList("perm", 0, 2, 1)]);
        return g.Apply("Relu", [g.Apply("Transpose", [g.Apply("MatMul", [a, b], "m")], "t", [IntList("perm", 0, 2, 1)])], "y");
    })));

    [Fact]
    public void A_weight_is_transposed_when_the_model_is_compiled() => Assert.Equal("MatMul", Operators(Model(17, g =>
        g.Apply("MatMul", [g.Input(2, 3), g.Apply("Transpose", [g.Weight("w", 4, 3)], "t")], "y"))));

    private static Value[] Split(Graph g, Value x)
    {
        Value first = g.Apply("Split", [x, g.Ints(1, 3)], "first", [Int("axis", 1)]);
        Value second = g.AddValue("second");
        first.Producer!.SetOutput(1, second);
        return [second, first];
    }

    private static Value Convolution(Graph g, Value x, string name) => g.Apply("Conv", [x, g.Weight(name, 4, 4, 3, 3)], name, [IntList("pads", 1, 1, 1, 1)]);

    private static Value ChannelsFirst(Graph g, Value x) => g.Apply("Transpose", [x], "first", [IntList("perm", s_back)]);

    private static Value ChannelsLast(Graph g, Value x, string name) => g.Apply("Transpose", [Convolution(g, x, name)], "last", [IntList("perm", s_there)]);

    private static Value Relu(Graph g, Value x) => g.Apply("Relu", [x], "relu");

    private static int Count(Model model) => Operators(model).Split(' ').Count(o => o == "Transpose");

    private static Model Between(Func<Graph, Value, Value> build) => Model(18, g =>
    {
        Value x = g.Apply("Transpose", [g.Apply("Relu", [g.Input(2, 3, 4, 5)], "in")], "there", [IntList("perm", s_there)]);
        return g.Apply("Relu", [g.Apply("Transpose", [build(g, x)], "back", [IntList("perm", s_back)])], "out");
    });
}
