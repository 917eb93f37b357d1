using System.Diagnostics;
using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Compiler;
using Xunit.Abstractions;

namespace OptimizeTasks.Execution.Tests;

public class RuleTimeTests(ITestOutputHelper output)
{
    private const int Repetitions = 6;
    private const double MostMilliseconds = 150;

    /// <summary>Swin-T as it was exported, 6285 nodes: nothing is simplified before the rules see it.</summary>
    [Fact]
    [Trait("Lane", "Long")]
    public void All_rules_over_a_large_graph_take_little_time()
    {
        var options = new CompilerOptions
        {
            DisabledPasses = ["EvaluateShapes", "RemoveNoOps", "CollapseChains", "JoinSlices", "PushTransposes", "FoldConstants", "InlineConstantIf", "ShareInitializers", "ShareNodes", "SizesFromInputs"],
        };
        double least = double.MaxValue;
        for (int i = 0; i < Repetitions; i++)
        {
            var time = new TimeOfRules();
            using CompilationResult result = new ModelCompiler(options, progress: time).Compile(Catalogue.All["swin-t"]());
            Assert.Equal(6285, result.NodesBefore);
            PassRun[] rules = [.. result.Passes.Where(p => TimeOfRules.AppliesRules(p.Pass))];
            Assert.NotEqual(0, rules.Sum(r => r.Changes));
            output.WriteLine($"{time.Milliseconds:0} ms of processor time: {string.Join(", ", rules.Select(r => $"{r.Pass} {r.Changes} in {r.Duration.TotalMilliseconds:0.0}"))}");
            least = Math.Min(least, time.Milliseconds);
        }

        Assert.InRange(least, 0, MostMilliseconds);
    }

    /// <summary>The processor time of passes that apply rules: other programs do not count, unlike in the time that passes.</summary>
    private sealed class TimeOfRules : IProgress<CompilationProgress>
    {
        private TimeSpan? _since;

        public double Milliseconds { get; private set; }

        public static bool AppliesRules(string pass) => pass.StartsWith("Raise", StringComparison.Ordinal) || pass is "SelectKernels" or "ExpandOperators";

        /// <summary>Called as each pass begins.</summary>
        public void Report(CompilationProgress value)
        {
            bool begins = AppliesRules(value.Activity[(value.Activity.LastIndexOf(' ') + 1)..]);
            if (begins == _since is not null)
                return;
            TimeSpan now = Process.GetCurrentProcess().TotalProcessorTime;
            if (_since is { } since)
                Milliseconds += (now - since).TotalMilliseconds;
            _since = begins ? now : null;
        }
    }
}
