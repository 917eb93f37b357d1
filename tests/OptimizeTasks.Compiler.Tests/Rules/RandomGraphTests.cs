namespace OptimizeTasks.Compiler.Tests.Rules;

/// <summary>Whatever the rules do to a model: it computes the same.</summary>
public class RandomGraphTests
{
    private const int Groups = 20;
    private const int GroupSize = 10;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, Groups).Select(g => g * GroupSize)];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void A_random_model_computes_the_same_after_compiling(int first)
    {
        for (int seed = first; seed < first + GroupSize; seed++)
        {
            Exception? fault = Record.Exception(() => Rule.Compile(RandomGraph.Draw(seed), tolerance: 1e-4));
            Assert.True(fault is null, $"Seed {seed}: {fault}");
        }
    }
}
