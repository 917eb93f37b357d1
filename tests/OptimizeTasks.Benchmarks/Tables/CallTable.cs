using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Runtime;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// A generated call into the caller's tensors beside code on the official API that one would write by hand for speed:
/// one binding, made once, whose buffers are copied into and out of.
/// </summary>
internal static class CallTable
{
    private const int RoundCount = 60;
    private const int CallsPerRound = 2000;

    public static void Print(TextWriter output)
    {
        // One thread: what a pool of threads does beside the call would drown what is measured.
        using DigitsCnn model = DigitsCnn.Load(new ModelOptions { IntraOpThreads = 1 });
        float[] image = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];
        float[] logits = new float[10], expected = new float[10];
        using var options = new RunOptions();
        using OrtIoBinding binding = model.Session.CreateIoBinding();
        float[] boundImage = GC.AllocateArray<float>(64, pinned: true), boundLogits = GC.AllocateArray<float>(10, pinned: true);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(boundImage, [1, 1, 8, 8]);
        using OrtValue boundOutput = OrtValue.CreateTensorValueFromMemory(boundLogits, [1, 10]);
        binding.BindInput("image", input);
        binding.BindOutput("logits", boundOutput);

        (Measurement[] generated, Measurement[] written, long allocated) = Measure(Generated, Written);
        if (!logits.AsSpan().SequenceEqual(expected))
            throw new InvalidOperationException("The two calls disagree.");

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One call of digits-cnn (batch 1), {RoundCount} rounds of {CallsPerRound} calls in turn, one session, one thread:\n"));
        output.WriteLine("| | minimum, µs | median, µs | bytes per call |");
        output.WriteLine("| --- | --- | --- | --- |");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| generated Run into the caller's tensors | {Micro(generated.Minimum()):F2} | {Micro(generated.Median()):F2} | {(double)allocated / RoundCount / CallsPerRound:F1} |"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| RunWithBinding by hand | {Micro(written.Minimum()):F2} | {Micro(written.Median()):F2} | |"));
        double pairs = Rounds.Median(generated.Zip(written, (a, b) => a.Time / b.Time));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nRatio: {generated.Minimum() / written.Minimum():F3} of the minima, {pairs:F3} median of the pairs."));

        void Generated()
        {
            for (int i = 0; i < CallsPerRound; i++)
                model.Run(new ReadOnlyTensorSpan<float>(image, [1, 1, 8, 8]), new TensorSpan<float>(logits, [1, 10]));
        }

        void Written()
        {
            for (int i = 0; i < CallsPerRound; i++)
            {
                image.AsSpan().CopyTo(boundImage);
                model.Session.RunWithBinding(options, binding);
                boundLogits.AsSpan().CopyTo(expected);
            }
        }
    }

    /// <summary>Both in turn, each first in every other round, and the bytes that the first one allocated.</summary>
    private static (Measurement[] First, Measurement[] Second, long Allocated) Measure(Action first, Action second)
    {
        var firsts = new Measurement[RoundCount];
        var seconds = new Measurement[RoundCount];
        long allocated = 0;
        first();
        second();
        for (int round = 0; round < RoundCount; round++)
        {
            if (round % 2 == 0)
                seconds[round] = Time(second);
            long before = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan time = Elapsed(first);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            firsts[round] = new Measurement(time);
            if (round % 2 != 0)
                seconds[round] = Time(second);
        }

        return (firsts, seconds, allocated);
    }

    private static Measurement Time(Action calls) => new(Elapsed(calls));

    private static TimeSpan Elapsed(Action calls)
    {
        long start = Stopwatch.GetTimestamp();
        calls();
        return Stopwatch.GetElapsedTime(start);
    }

    private static double Micro(double secondsPerRound) => secondsPerRound * 1e6 / CallsPerRound;
}
