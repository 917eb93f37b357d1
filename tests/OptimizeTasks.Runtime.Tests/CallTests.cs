using System.Numerics.Tensors;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Runtime.Tests;

public sealed class CallTests
{
    private static string ModelPath => SharedModels.Path("digits/digits-cnn.onnx");

    private static float[] Image(int batch, int seed) => [.. Enumerable.Range(0, batch * 64).Select(i => MathF.Abs(MathF.Sin(i + seed)))];

    [SharedModelFact]
    public void Concurrent_callers_with_different_shapes_get_their_own_results()
    {
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { IntraOpThreads = 1 });
        float[][] images = [.. Enumerable.Range(0, 12).Select(i => Image(1 + (i % 5), i))];
        float[][] expected = [.. images.Select(model.Run)];

        Parallel.For(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.Equal(expected[i % 12], model.Run(images[i % 12])));
    }

    [SharedModelFact]
    public async Task A_cancelled_call_ends_as_cancelled_and_the_next_one_runs()
    {
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { IntraOpThreads = 1 });
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.RunAsync(new(Image(1, 0), 1, 1, 8, 8), cancelled.Token));

        // Some seconds of work, ended in the middle.
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
        float[] many = Image(100_000, 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.RunAsync(new(many, 100_000, 1, 8, 8), late.Token));

        Assert.Equal(model.Run(Image(1, 2)), await model.RunAsync(new(Image(1, 2), 1, 1, 8, 8), CancellationToken.None));
    }

    [SharedModelFact]
    public async Task A_disposed_model_refuses_calls_and_ends_no_process()
    {
        DigitsCnn model = DigitsCnn.Load(ModelPath);
        model.Dispose();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Run(Image(1, 0)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.RunAsync(new(Image(1, 0), 1, 1, 8, 8), CancellationToken.None));

        // An exception in a finalizer ends the process: what was half made has one too.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [SharedModelFact]
    public void Refused_calls_and_ever_new_shapes_take_no_more_memory()
    {
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { IntraOpThreads = 1 });
        float[] logits = new float[10];
        for (int batch = 1; batch <= 300; batch++)
        {
            model.Run(Image(batch, batch));
            Assert.Throws<ArgumentException>(() => model.Run(new ReadOnlyTensorSpan<float>(new float[batch * 32], [batch, 1, 4, 8]), new TensorSpan<float>(logits, [1, 10])));
        }

        Assert.Equal(1, model.PooledBuffers);
    }

    [Fact]
    public void Dimensions_that_do_not_fit_the_elements_are_refused()
    {
        Assert.Equal("[2, 3] needs 6 elements, and there are 5 (Parameter 'dimensions')", Assert.Throws<ArgumentException>(() => new TensorMemory<float>(new float[5], 2, 3)).Message);
        Assert.Throws<ArgumentException>(() => new TensorMemory<float>(new float[5]));
        Assert.Equal(0, default(TensorMemory<float>).AsTensorSpan().Rank);
        Assert.Equal(0, new TensorMemory<float>(default, 0, 4).AsTensorSpan().FlattenedLength);
    }
}
