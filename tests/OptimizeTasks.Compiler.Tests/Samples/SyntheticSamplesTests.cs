using System.Collections.Immutable;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Tests.Samples;

public sealed class SyntheticSamplesTests
{
    private static readonly InProcessRunner _runner = new();

    [SharedModelFact]
    public void Samples_are_of_several_sizes_and_the_model_takes_them()
    {
        string path = SharedModels.Path("transformers/bert-tiny.onnx");
        SyntheticSamples samples = Draw(path, new CompilerOptions());

        Sample[] drawn = [.. samples.Read(default)];

        Assert.True(samples.IsSynthetic);
        Assert.Contains("20 samples", samples.Description, StringComparison.Ordinal);
        Assert.Equal(20, drawn.Length);
        Assert.True(drawn.Select(s => s.Inputs["input_ids"].Shape.ToString()).Distinct().Count() > 2);
        // No two are the same: where the kinds are through, the numbers are others.
        Assert.Equal(20, drawn.Select(s => s.Inputs["input_ids"].Shape + Convert.ToHexString(s.Inputs["input_ids"].Data.ReadAll().Span) + Convert.ToHexString(s.Inputs["attention_mask"].Data.ReadAll().Span)).Distinct().Count());
        using IModelSession session = _runner.Load(path, SessionSettings.Unoptimized, RunLimits.Default, default);
        foreach (Sample sample in drawn)
            Assert.NotEmpty(session.Run(sample.Inputs, ["last_hidden_state"], RunLimits.Default, default));
    }

    [SharedModelFact]
    public void Every_reading_and_every_drawing_gives_the_same()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        SyntheticSamples samples = Draw(path, new CompilerOptions());

        string first = Text(samples);

        Assert.Equal(first, Text(samples));
        Assert.Equal(first, Text(Draw(path, new CompilerOptions())));
        Assert.NotEqual(first, Text(Draw(path, new CompilerOptions(), seed: 2)));

        static string Text(SyntheticSamples samples) => string.Concat(samples.Read(default).Select(s => Convert.ToHexString(s.Inputs["image"].Data.ReadAll().Span)));
    }

    [SharedModelFact]
    public void Fixed_dimensions_and_contracts_hold()
    {
        var options = new CompilerOptions
        {
            FixedDimensions = ImmutableSortedDictionary<string, long>.Empty.Add("batch_size", 3),
            Contracts = [new InputContract("attention_mask", InputContract.RightPadded)],
        };

        foreach (Sample sample in Draw(SharedModels.Path("transformers/bert-tiny.onnx"), options).Read(default))
        {
            Tensor mask = sample.Inputs["attention_mask"];
            Assert.Equal(3, mask.Dimensions[0]);
            foreach (long[] row in mask.Read<long>().ToArray().Chunk((int)mask.Dimensions[1]))
                Assert.Equal(row.OrderDescending(), row);
        }
    }

    [Fact]
    public void A_model_that_was_never_in_a_file_is_asked_too()
    {
        using Model model = Relu();

        Sample sample = SyntheticSamples.Of(model, new CompilerOptions(), _runner, count: 1).Read(default).Single();

        Assert.Equal(4, sample.Inputs["x"].Dimensions[1]);
    }

    [Fact]
    public void A_model_that_takes_nothing_is_an_error()
    {
        using Model model = Relu(isConsistent: false);

        CompilationException e = Assert.Throws<CompilationException>(() => SyntheticSamples.Of(model, new CompilerOptions(), _runner));

        Assert.Equal("OPT5009", e.Diagnostic.Code);
    }

    [Fact]
    public void A_cancelled_reading_ends()
    {
        using Model model = Relu();
        SyntheticSamples samples = SyntheticSamples.Of(model, new CompilerOptions(), _runner);

        Assert.Throws<OperationCanceledException>(() => samples.Read(new CancellationToken(canceled: true)).Count());
    }

    private static SyntheticSamples Draw(string path, CompilerOptions options, int seed = 1)
    {
        using Model model = ModelReader.Read(path);
        return SyntheticSamples.Of(model, options, _runner, 20, seed);
    }

    /// <summary>y = Relu(x), which refuses every input where it is asked to become a shape that no size has.</summary>
    private static Model Relu(bool isConsistent = true)
    {
        var graph = new Graph("relu");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape([Dimension.OfSymbol("batch"), Dimension.Of(4)])));
        if (!isConsistent)
            x = graph.Apply("Reshape", [x, graph.AddInitializer("shape", Tensor.OfInt64(7, 5, 3))], "r");
        graph.AddOutput(graph.Apply("Relu", [x], "y"));
        return new Model(graph) { IrVersion = 8, Opsets = { [""] = 17 } };
    }
}
