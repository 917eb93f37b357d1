using System.Diagnostics;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Execution.Tests;

/// <summary>Workers that die, hang and talk nonsense, and what becomes of the host.</summary>
public sealed class WorkerTests
{
    private static readonly RunLimits _short = new(TimeSpan.FromSeconds(1.5), 1 << 20);

    [Fact]
    public void A_model_that_hangs_ends_with_its_worker_at_the_time_limit()
    {
        using var runner = new OnnxRuntimeRunner(Worker.Command);
        Assert.Equal(3, Double(runner));
        int worker = runner.WorkerId!.Value;

        long start = Stopwatch.GetTimestamp();
        ModelRunException e = Assert.Throws<ModelRunException>(
            () => runner.Run(Models.Endless(), Models.Inputs(Tensor.OfFloat(0)), _short, CancellationToken.None));

        Assert.Equal(ModelRunFault.TimeLimit, e.Fault);
        Assert.Equal("The run took longer than 1.5 s.", e.Message);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1.4, 20);
        Assert.True(HasEnded(worker));

        Assert.Equal(3, Double(runner));
        Assert.NotEqual(worker, runner.WorkerId);
    }

    [Fact]
    public void A_model_that_hangs_is_one_diagnostic_of_its_verification()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Endless(), folder["endless.onnx"]);
        using var runner = new OnnxRuntimeRunner(Worker.Command);

        var e = Assert.Throws<CompilationException>(
            () => new Verifier(runner).Verify(folder["endless.onnx"], folder["endless.onnx"], new VerificationOptions { Limits = _short }));

        Assert.Equal("OPT2003", e.Diagnostic.Code);
        Assert.Contains("The run took longer than 1.5 s.", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Turns that no input of the first kind asks for.</summary>
    [Fact]
    public void A_model_that_hangs_on_some_inputs_is_compared_on_the_others()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Turns(10, 1L << 60), folder["model.onnx"]);
        using var runner = new OnnxRuntimeRunner(Worker.Command);

        long start = Stopwatch.GetTimestamp();
        VerificationResult result = new Verifier(runner).Verify(folder["model.onnx"], folder["model.onnx"], new VerificationOptions { Limits = _short });

        Assert.Equal(VerificationOutcome.Passed, result.Outcome);
        Assert.Single(result.Inputs);
        Assert.Contains("Only 1 of the sets of inputs were compared", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
    }

    /// <summary>Every refusal takes longer than the one before, and there are two hundred guesses.</summary>
    [Fact]
    public void A_model_that_is_slow_to_refuse_holds_nobody_up()
    {
        using var folder = new TemporaryFolder();
        Model model = Models.Turns(1, 3000);
        Graph graph = model.Graph;
        Value index = graph.Apply("Cast", [graph.Outputs[0]], "index", [new IntAttribute("to", (long)ElementType.Int64)]);
        Value far = graph.Apply("Add", [index, graph.AddInitializer("far", Tensor.Create<long>(ElementType.Int64, [], [long.MaxValue / 2]))], "far_index");
        Value z = graph.Apply("Gather", [graph.AddInitializer("table", Tensor.OfInt64(1, 2)), far], "z");
        z.Type = new TensorType(ElementType.Int64, Shape.Scalar);
        graph.AddOutput(z);
        ModelWriter.Write(model, folder["model.onnx"]);
        using var runner = new OnnxRuntimeRunner(Worker.Command);

        long start = Stopwatch.GetTimestamp();
        VerificationResult result = new Verifier(runner).Verify(folder["model.onnx"], folder["model.onnx"], new VerificationOptions { Limits = _short });

        Assert.Equal(VerificationOutcome.Skipped, result.Outcome);
        Assert.Contains("runs on none of the inputs that were drawn", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
    }

    [Fact]
    public void A_compiled_model_that_hangs_is_not_run_pass_by_pass()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Turns(1, 1), folder["original.onnx"]);
        ModelWriter.Write(Models.Turns(1, 1L << 60), folder["compiled.onnx"]);
        var tried = new List<int>();
        var history = new PassHistory([.. Enumerable.Range(0, 64).Select(i => $"Pass{i}")], passes =>
        {
            tried.Add(passes);
            return Models.Turns(1, passes == 0 ? 1 : 1L << 60);
        });
        using var runner = new OnnxRuntimeRunner(Worker.Command);

        long start = Stopwatch.GetTimestamp();
        VerificationResult result = new Verifier(runner).Verify(folder["original.onnx"], folder["compiled.onnx"], new VerificationOptions { Limits = _short }, history);

        Assert.Equal(VerificationOutcome.Failed, result.Outcome);
        Assert.Contains("the compiled model does not run: The run took longer than", result.Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
        Assert.InRange(tried.Count, 0, 5);
    }

    [Fact]
    public async Task A_worker_that_is_killed_during_a_run_is_a_crash()
    {
        using var runner = new OnnxRuntimeRunner(Worker.Command);
        Double(runner);
        Task<IReadOnlyDictionary<string, Tensor>> run = Task.Run(
            () => runner.Run(Models.Endless(), Models.Inputs(Tensor.OfFloat(0)), RunLimits.Default, CancellationToken.None));
        await Task.Delay(500);
        Assert.False(run.IsCompleted);
        Process.GetProcessById(runner.WorkerId!.Value).Kill();

        ModelRunException e = await Assert.ThrowsAsync<ModelRunException>(() => run);

        Assert.Equal(ModelRunFault.Crash, e.Fault);
        Assert.StartsWith("The process that runs models ended (", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, Double(runner));
    }

    [Fact]
    public void Sessions_of_a_worker_that_died_say_so()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Of("Neg", ElementType.Float), folder["neg.onnx"]);
        using var runner = new OnnxRuntimeRunner(Worker.Command);
        using IModelSession session = runner.Load(folder["neg.onnx"], SessionSettings.Unoptimized, RunLimits.Default, CancellationToken.None);
        Process worker = Process.GetProcessById(runner.WorkerId!.Value);
        worker.Kill();
        worker.WaitForExit();

        ModelRunException e = Assert.Throws<ModelRunException>(
            () => session.Run(Models.Inputs(Floats(1)), ["y"], RunLimits.Default, CancellationToken.None));

        Assert.Equal(ModelRunFault.Crash, e.Fault);
    }

    [Fact]
    public void A_worker_that_does_not_start_says_why()
    {
        using var missing = new OnnxRuntimeRunner(new WorkerCommand("/no/such/program", []));
        using var failing = new OnnxRuntimeRunner(WorkerCommand.OfAssembly(typeof(Worker).Assembly.Location, "nonsense"));

        ModelRunException noProgram = Assert.Throws<ModelRunException>(() => Double(missing));
        ModelRunException noWorker = Assert.Throws<ModelRunException>(() => Double(failing));

        Assert.Equal(ModelRunFault.Crash, noProgram.Fault);
        Assert.Contains("/no/such/program", noProgram.Message, StringComparison.Ordinal);
        Assert.Equal(ModelRunFault.Crash, noWorker.Fault);
        Assert.Contains("exit code 7", noWorker.Message, StringComparison.Ordinal);
        Assert.Contains("This cannot work.", noWorker.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Something_else_on_the_output_of_the_worker_is_noticed()
    {
        using var runner = new OnnxRuntimeRunner(WorkerCommand.OfAssembly(typeof(Worker).Assembly.Location, "chatter"));

        ModelRunException e = Assert.Throws<ModelRunException>(() => Double(runner));

        Assert.Equal(ModelRunFault.Crash, e.Fault);
    }

    [Fact]
    public async Task Cancellation_ends_a_run()
    {
        using var runner = new OnnxRuntimeRunner(Worker.Command);
        using var cancellation = new CancellationTokenSource();
        Task run = Task.Run(() => runner.Run(Models.Endless(), Models.Inputs(Tensor.OfFloat(0)), RunLimits.Default, cancellation.Token));
        await Task.Delay(300);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public void Nothing_starts_before_something_is_to_be_run_and_nothing_stays()
    {
        int worker;
        using (var runner = new OnnxRuntimeRunner(Worker.Command))
        {
            Assert.Null(runner.WorkerId);
            Double(runner);
            worker = runner.WorkerId!.Value;
            Double(runner);
            Assert.Equal(worker, runner.WorkerId);
        }

        Assert.True(HasEnded(worker));
    }

    [Fact]
    public void A_worker_ends_when_its_host_is_gone_though_a_model_hangs()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Endless(), folder["endless.onnx"]);
        using Process worker = Process.Start(Worker.Command.ToStartInfo())!;
        using (var writer = new BinaryWriter(worker.StandardInput.BaseStream))
        {
            new Workers.WorkerRequest.Load(1, folder["endless.onnx"], SessionSettings.Unoptimized).Write(writer);
            new Workers.WorkerRequest.Run(1, Models.Inputs(Tensor.OfFloat(0)), ["y"], 100).Write(writer);
        }

        Assert.True(worker.WaitForExit(TimeSpan.FromSeconds(20)));
    }

    private static float Double(OnnxRuntimeRunner runner)
    {
        Model model = Models.Of("Add", ElementType.Float, inputs: 2);
        return runner.Run(model, Models.Inputs(Floats(1), Floats(2)), RunLimits.Default, CancellationToken.None)["y"].Read<float>()[0];
    }

    private static Tensor Floats(params ReadOnlySpan<float> values) => Tensor.Create(ElementType.Float, [values.Length], values);

    private static bool HasEnded(int process)
    {
        try
        {
            return Process.GetProcessById(process).WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
