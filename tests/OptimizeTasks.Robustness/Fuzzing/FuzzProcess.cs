using System.Globalization;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>
/// The process that treats damaged models, one after the other, on a stack as small as Windows gives, and says so line by
/// line: <c>case SEED</c> before each, <c>refused CODE</c>, <c>compiled</c> or <c>finding TEXT</c> after it.
/// </summary>
internal static class FuzzProcess
{
    private const int StackSize = 1536 << 10;

    public static int Run(int first, int count)
    {
        var thread = new Thread(() => Treat(first, count), StackSize);
        thread.Start();
        thread.Join();
        return 0;
    }

    /// <summary>One line of any text.</summary>
    public static string OneLine(string text) => text.ReplaceLineEndings("↵");

    private static void Treat(int first, int count)
    {
        using var runner = new CaseRunner();
        for (int seed = first; seed < first + count; seed++)
        {
            FuzzCase damaged = FuzzCase.Of(seed);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"case {seed}"));
            Verdict verdict = runner.Run(damaged);
            Console.WriteLine(verdict switch
            {
                { Finding: { } finding } => "finding " + OneLine(finding),
                { Refusal: { } code } => "refused " + code,
                _ => "compiled",
            });
        }
    }
}
