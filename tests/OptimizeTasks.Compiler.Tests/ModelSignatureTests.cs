using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests;

public class ModelSignatureTests
{
    private static readonly CompilerOptions s_options = new();

    [Theory]
    [InlineData("mask", "right-padded", null)]
    [InlineData("ids", "right-padded", null)]
    [InlineData("maske", "right-padded", "The model has no input 'maske'; ids, mask can be right-padded")]
    [InlineData("x", "right-padded", "The input 'x' is float[batch,3,4], which cannot be right-padded; ids, mask can be right-padded")]
    [InlineData("mask", "consecutive", "The input 'mask' is bool[batch,n], which cannot be consecutive; ids can be consecutive")]
    public void Promises_are_checked_against_the_inputs(string input, string promise, string? message)
    {
        Model model = ModelOf(
            [("ids", Of(Onnx.ElementType.Int64, "batch", "n")), ("mask", Of(Onnx.ElementType.Bool, "batch", "n")), ("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(3), Dimension.Of(4)))],
            [("y", Float())]);
        CompilerOptions options = s_options with { Contracts = [new InputContract(input, promise)] };

        if (message is null)
        {
            Assert.Equal(options.Contracts, ModelSignature.Of(model, options).Contracts);
            return;
        }

        foreach (Action compile in new Action[] { () => ModelSignature.Of(model, options, "m.onnx"), () => new ModelCompiler(options).Compile(model, "m.onnx") })
        {
            var e = Assert.Throws<CompilationException>(compile);
            Assert.Equal("OPT2010", e.Diagnostic.Code);
            Assert.StartsWith(message, e.Diagnostic.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Types_and_symbolic_shapes_are_kept()
    {
        Model model = ModelOf(
            [("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(3), Dimension.Unknown())), ("s", new SequenceType(new TensorType(Onnx.ElementType.String)))],
            [("y", new OptionalType(Float()))]);

        Signature signature = ModelSignature.Of(model, s_options);

        Assert.Equal(["float[batch,3,?]", "seq(string[...])"], signature.Inputs.Select(i => i.Type.ToString()));
        Assert.Equal(["optional(float[])"], signature.Outputs.Select(o => o.Type.ToString()));
    }

    [Fact]
    public void Fixed_dimensions_are_numbers()
    {
        Model model = ModelOf([("x", Float(Dimension.OfSymbol("batch"), Dimension.OfSymbol("width")))], [("y", Float(Dimension.OfSymbol("batch")))]);

        Signature signature = ModelSignature.Of(model, s_options with { FixedDimensions = s_options.FixedDimensions.Add("batch", 1) });

        Assert.Equal("float[1,width]", signature.Inputs[0].Type.ToString());
        Assert.Equal("float[1]", signature.Outputs[0].Type.ToString());
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    public void Weights_are_no_inputs_in_files_that_had_to_list_them(int irVersion, int inputs)
    {
        Model model = ModelOf([("x", Float(Dimension.Of(1))), ("w", Float(Dimension.Of(1)))], []);
        model.IrVersion = irVersion;
        model.Graph.SetInitializer(model.Graph.Inputs[1], Tensor.Create(Onnx.ElementType.Float, [1], [1f]));

        Assert.Equal(inputs, ModelSignature.Of(model, s_options).Inputs.Length);
        Assert.Equal(inputs, new ModelCompiler(new CompilerOptions { Optimization = OptimizationLevel.None }).Compile(model).Model.Graph.Inputs.Count);
        Assert.True(model.InitializersAreOverridable);
    }

    [Fact]
    public void A_value_without_type_is_refused_by_name()
    {
        var e = Assert.Throws<CompilationException>(() => ModelSignature.Of(ModelOf([("x", null)], []), s_options, "m.onnx"));

        Assert.Equal("OPT1007", e.Diagnostic.Code);
        Assert.Contains("'x'", e.Message, StringComparison.Ordinal);
        Assert.Equal("m.onnx", e.Diagnostic.File);
    }

    [Fact]
    public void An_output_without_type_gets_the_one_that_its_node_gives_it()
    {
        Model model = ModelOf([("x", Float(Dimension.OfSymbol("batch"), Dimension.Of(3)))], []);
        model.Opsets[""] = 17;
        model.Graph.AddOutput(model.Graph.Apply("Relu", [model.Graph.Inputs[0]], "y"));

        Assert.Equal("float[batch,3]", ModelSignature.Of(model, s_options).Outputs[0].Type.ToString());
    }

    [Fact]
    public void What_the_model_says_of_itself_is_kept()
    {
        Model model = ModelOf([], []);
        model.ProducerName = "maker";
        model.Metadata = [new("key", "old"), new("key", "new")];

        ModelDescription description = ModelSignature.Of(model, s_options).Description;

        Assert.Equal("maker", description.ProducerName);
        Assert.Equal("new", description.Metadata["key"]);
    }

    [Theory]
    [InlineData("state", "stateN", true)]
    [InlineData("h0", "hn", true)]
    [InlineData("c_in", "c_out", true)]
    [InlineData("prev_h", "next_h", true)]
    [InlineData("state", "cache", false)]
    [InlineData("past.0", "present.0", false)]
    public void States_are_found_by_their_names(string input, string output, bool expected)
    {
        TensorType type = Float(Dimension.Of(2), Dimension.OfSymbol("batch"));
        Model model = ModelOf([("audio", Float()), (input, type)], [("speech", Float()), (output, type)]);

        Signature signature = ModelSignature.Of(model, s_options);

        Assert.Equal(expected ? [new StatePair(input, output)] : [], signature.States.ToArray());
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(2, null, true)]
    [InlineData(2, 3, false)]
    public void States_have_one_shape(int input, int? output, bool expected)
    {
        Model model = ModelOf(
            [("audio", Float()), ("state", Float(Dimension.Of(input)))],
            [("speech", Float()), ("stateN", Float(output is { } size ? Dimension.Of(size) : Dimension.Unknown()))]);

        Assert.Equal(expected, ModelSignature.Of(model, s_options).States.Length == 1);
    }

    [Fact]
    public void A_model_of_nothing_but_state_has_none() =>
        Assert.Empty(ModelSignature.Of(ModelOf([("image", Float())], [("image_out", Float())]), s_options).States);

    [SharedModelFact]
    public void The_voice_activity_model_has_one_state()
    {
        using Model model = ModelReader.Read(SharedModels.Path("speech/silero-vad-v5.onnx"));

        Assert.Equal([new StatePair("state", "stateN")], ModelSignature.Of(model, s_options).States.ToArray());
    }

    private static TensorType Float(params Dimension[] dimensions) => new(Onnx.ElementType.Float, new Shape(dimensions));

    private static Model ModelOf((string Name, OnnxType? Type)[] inputs, (string Name, OnnxType? Type)[] outputs)
    {
        var graph = new Graph();
        foreach ((string name, OnnxType? type) in inputs)
            graph.AddInput(name, type);
        foreach ((string name, OnnxType? type) in outputs)
            graph.AddOutput(graph.AddValue(name, type));
        return new Model(graph);
    }

    private static TensorType Of(Onnx.ElementType type, params string[] symbols) => new(type, new Shape(symbols.Select(Dimension.OfSymbol)));
}
