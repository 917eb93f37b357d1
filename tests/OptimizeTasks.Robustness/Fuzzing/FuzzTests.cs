using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>A damaged model is compiled or refused with one diagnostic; never another exception, a hang, a crash, or memory without bound.</summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const int Quick = 2000;

    [Fact]
    public void Damaged_models() => Run(1, Quick);

    /// <summary>OPTIMIZETASKS_FUZZ_FIRST and OPTIMIZETASKS_FUZZ_COUNT say which seeds.</summary>
    [Fact]
    [Trait("Lane", "Long")]
    public void Many_damaged_models() => Run(Number("OPTIMIZETASKS_FUZZ_FIRST", Quick + 1), Number("OPTIMIZETASKS_FUZZ_COUNT", 100_000));

    [Fact]
    public void A_seed_always_makes_the_same_file()
    {
        for (int seed = 0; seed < 50; seed++)
            Assert.Equal(FuzzCase.Of(seed).Bytes, FuzzCase.Of(seed).Bytes);
    }

    private void Run(int first, int count)
    {
        long start = Stopwatch.GetTimestamp();
        FuzzLane lane = FuzzLane.Run(first, count);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seeds {first} to {first + count - 1}: {lane}, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s"));
        Assert.True(lane.Findings.Count == 0, string.Join('\n', lane.Findings.Take(20).Select(f => $"{FuzzCase.Of(f.Seed)}\n  {f.Finding[..Math.Min(1000, f.Finding.Length)]}"))
            + $"\nReproduce and minimise: dotnet run --project tests/OptimizeTasks.Robustness -- show {lane.Findings.FirstOrDefault().Seed}");
        // Neither harmless nor all alike: both ways are taken often.
        Assert.InRange(lane.Compiled, count / 10, count * 9 / 10);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;
}
