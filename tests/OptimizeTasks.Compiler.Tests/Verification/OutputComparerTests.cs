using System.Text;
using OptimizeTasks.Compiler.Verification;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Verification;

public sealed class OutputComparerTests
{
    [Fact]
    public void The_error_is_the_norm_of_the_difference_over_the_norm_of_the_original()
    {
        OutputComparison c = Compare(Floats(3, 4), Floats(3, 4.5f));

        Assert.Equal(0.1, c.Error, 12);
        Assert.Equal(0.5, c.MaximumDifference, 12);
        Assert.False(c.Agrees);
        Assert.True(OutputComparer.Compare("y", Floats(3, 4), Floats(3, 4.5f), 0.11).Agrees);
    }

    [Fact]
    public void Where_the_original_is_zero_the_difference_is_held_against_epsilon()
    {
        Assert.Equal(0.5, Compare(Floats(0, 0, 0, 0), Floats(0, 1e-6f, 0, 0)).Error, 6);
        Assert.Equal(0, Compare(Floats(), Floats()).Error);
    }

    [Fact]
    public void Not_a_number_and_infinities_must_agree()
    {
        float nan = float.NaN, inf = float.PositiveInfinity;

        Assert.True(Compare(Floats(nan, inf, -inf, 1), Floats(nan, inf, -inf, 1)).Agrees);
        Assert.Equal("2 instead of NaN at element 0", Compare(Floats(nan, 1), Floats(2, 1)).Disagreement);
        Assert.NotNull(Compare(Floats(1, 1), Floats(1, nan)).Disagreement);
        Assert.Equal("-Infinity instead of Infinity at element 1", Compare(Floats(1, inf), Floats(1, -inf)).Disagreement);
        Assert.NotNull(Compare(Floats(inf), Floats(1e30f)).Disagreement);
        Assert.Equal(double.PositiveInfinity, Compare(Floats(nan), Floats(2)).Error);
    }

    [Fact]
    public void Numbers_whose_squares_overflow_do_not_pass()
    {
        Tensor a = Tensor.Create(ElementType.Double, [1], [1e200]), b = Tensor.Create(ElementType.Double, [1], [2e200]);

        Assert.False(Compare(a, b).Agrees);
    }

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.UInt16)]
    public void Integers_must_be_equal(ElementType type)
    {
        var a = new Tensor(type, [3], new MemoryData(Bytes(type, 1, 2, 3)));
        var b = new Tensor(type, [3], new MemoryData(Bytes(type, 1, 9, 8)));

        Assert.True(Compare(a, a).Agrees);
        Assert.Equal("2 of 3 integers differ", Compare(a, b).Disagreement);
    }

    [Fact]
    public void Truth_values_must_be_equal()
    {
        Tensor a = Tensor.Create(ElementType.Bool, [2], [true, false]), b = Tensor.Create(ElementType.Bool, [2], [true, true]);

        Assert.True(Compare(a, a).Agrees);
        Assert.Equal("1 of 2 truth values differ", Compare(a, b).Disagreement);
    }

    [Fact]
    public void Texts_must_be_equal()
    {
        Assert.True(Compare(Texts("a", "ü"), Texts("a", "ü")).Agrees);
        Assert.Equal("another text at element 1", Compare(Texts("a", "ü"), Texts("a", "u")).Disagreement);
    }

    [Fact]
    public void Shapes_and_types_must_be_equal()
    {
        Assert.Equal("Float[2] instead of Float[1]", Compare(Floats(1), Floats(1, 1)).Disagreement);
        Assert.Equal("Double[1] instead of Float[1]", Compare(Floats(1), Tensor.Create(ElementType.Double, [1], [1.0])).Disagreement);
    }

    [Fact]
    public void Half_precision_and_bfloat16_are_compared_as_numbers()
    {
        Tensor half = Tensor.Create(ElementType.Float16, [2], [(Half)3, (Half)4]), other = Tensor.Create(ElementType.Float16, [2], [(Half)3, (Half)4.5]);
        // The upper halves of the floats 3, 4 and 4.5.
        Tensor brain = Tensor.Create<ushort>(ElementType.BFloat16, [2], [0x4040, 0x4080]), otherBrain = Tensor.Create<ushort>(ElementType.BFloat16, [2], [0x4040, 0x4090]);

        Assert.Equal(0.1, Compare(half, other).Error, 12);
        Assert.Equal(0.1, Compare(brain, otherBrain).Error, 12);
    }

    private static OutputComparison Compare(Tensor expected, Tensor actual) => OutputComparer.Compare("y", expected, actual, 1e-4);

    private static Tensor Floats(params float[] values) => Tensor.Create<float>(ElementType.Float, [values.Length], values);

    private static Tensor Texts(params string[] texts) =>
        new(ElementType.String, [texts.Length], new StringData([.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))]));

    private static byte[] Bytes(ElementType type, params byte[] values)
    {
        int width = type.BitWidth() / 8;
        var bytes = new byte[values.Length * width];
        for (int i = 0; i < values.Length; i++)
            bytes[i * width] = values[i];
        return bytes;
    }
}
