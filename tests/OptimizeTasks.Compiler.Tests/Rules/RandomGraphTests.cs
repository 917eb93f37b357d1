namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Whatever the rules do to a model: it computes the same.</summary>
public class RandomGraphTests
{
    private const int Groups = 20;
    private const int GroupSize = 10;

    private const int LongGroups = 100;
    private const int LongGroupSize = 40;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, Groups).Select(g => g * GroupSize)];

    public static TheoryData<int> LongFirstSeeds => [.. Enumerable.Range(0, LongGroups).Select(g => 10_000 + (g * LongGroupSize))];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void A_random_model_computes_the_same_after_compiling(int first) => Compile(first, GroupSize);

    [Theory]
    [Trait("Lane", "Long")]
    [MemberData(nameof(LongFirstSeeds))]
    public void Thousands_of_random_models_compute_the_same_after_compiling(int first) => Compile(first, LongGroupSize);

    private static void Compile(int first, int count)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            Exception? fault = Record.Exception(() => Rule.Compile(RandomGraph.Draw(seed), tolerance: 1e-4));
            Assert.True(fault is null, $"Seed {seed}: {fault}");
        }
    }
}
