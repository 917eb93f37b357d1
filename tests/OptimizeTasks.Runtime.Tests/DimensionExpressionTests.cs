using OptimizeTasks.Runtime.Shapes;

namespace OptimizeTasks.Runtime.Tests;

public sealed class DimensionExpressionTests
{
    private static readonly Dictionary<string, int> s_symbols = new(StringComparer.Ordinal) { ["past"] = 0, ["sequence"] = 1, ["p2o.Dim.0"] = 2 };

    [Theory]
    [InlineData("past + sequence", 12L)]
    [InlineData("past+1", 6L)]
    [InlineData("2*sequence - past", 9L)]
    [InlineData("-past + 3*sequence*past", 100L)]
    [InlineData("p2o.Dim.0 * 4", null)]
    public void Sums_of_products_have_values(string text, long? value) =>
        Assert.Equal(value, DimensionExpression.TryParse(text, s_symbols)!.Evaluate([5, 7, ShapeCheck.Unbound]));

    [Theory]
    [InlineData("other + 1")]
    [InlineData("floor(past/2)")]
    [InlineData("past +")]
    [InlineData("")]
    [InlineData("past ** 2")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_a_name(string text) => Assert.Null(DimensionExpression.TryParse(text, s_symbols));

    [Fact]
    public void What_leaves_64_bits_has_no_value() =>
        Assert.Null(DimensionExpression.TryParse("past*past*past", s_symbols)!.Evaluate([long.MaxValue / 2, 0, 0]));
}
