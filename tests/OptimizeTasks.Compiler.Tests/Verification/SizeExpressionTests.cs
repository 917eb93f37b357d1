using OptimizeTasks.Compiler.Verification;

namespace OptimizeTasks.Compiler.Tests.Verification;

public sealed class SizeExpressionTests
{
    [Theory]
    [InlineData("past_sequence + sequence", 12L)]
    [InlineData("past_sequence+1", 6L)]
    [InlineData("2*sequence - (past_sequence + 1)", 8L)]
    [InlineData("sequence//2", 3L)]
    [InlineData("sequence / 2 * 4", 12L)]
    [InlineData("missing + 1", null)]
    [InlineData("sequence / 0", null)]
    [InlineData("sequence +", null)]
    [InlineData("(sequence", null)]
    [InlineData("sequence sequence", null)]
    [InlineData("9223372036854775807 + sequence", null)]
    [InlineData("", null)]
    public void Sizes_follow_from_names(string text, long? expected) =>
        Assert.Equal(expected, SizeExpression.Evaluate(text, name => name switch { "past_sequence" => 5, "sequence" => 7, _ => null }));

    [Fact]
    public void Plain_names_are_no_expressions()
    {
        Assert.Empty(SizeExpression.Names("sequence"));
        Assert.Empty(SizeExpression.Names("unk__12"));
        Assert.Empty(SizeExpression.Names("what is that?!"));
        Assert.Equal(["past", "n"], SizeExpression.Names("past + 2 * n"));
    }

    [Fact]
    public void A_text_of_many_parentheses_is_refused() => Assert.Null(SizeExpression.Evaluate(new string('(', 100_000), _ => 1));
}
