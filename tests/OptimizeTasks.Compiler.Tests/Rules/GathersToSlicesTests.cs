using OptimizeTasks.Compiler.Tests.Raising;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class GathersToSlicesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Positions_that_count_up_take_the_first_rows(int rank)
    {
        string operators = Operators(Model(17, g => Lookup(g, g.AddInitializer("positions", Tensor.Create<long>(ElementType.Int64, rank == 1 ? [6] : [1, 6], [0, 1, 2, 3, 4, 5])), rank - 1)));

        Assert.Contains("Slice", operators, StringComparison.Ordinal);
        Assert.DoesNotContain("Gather", operators, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_numbers_are_looked_up() =>
        Assert.Contains("Gather", Operators(Model(17, g => Lookup(g, g.Ints(0, 1, 2, 3, 5, 4), 0))), StringComparison.Ordinal);

    [Fact]
    public void Fewer_numbers_than_rows_are_looked_up() =>
        Assert.Contains("Gather", Operators(Model(17, g => Lookup(g, g.Ints(0, 1, 2, 3), 0))), StringComparison.Ordinal);

    /// <summary>The rows of a table for the first so many positions, as many as the input has.</summary>
    private static Value Lookup(Graph g, Value positions, long axis)
    {
        Value x = g.Input("n", "8");
        Value count = g.Op("Shape", Int("end", 1), x);
        Value first = g.Op("Slice", positions, g.Ints(0), count, g.Ints(axis), g.Ints(1));
        return g.Op("Gather", g.Weight("table", 6, 8), first);
    }
}
