using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class OpsetTests
{
    /// <summary>Old spellings: operator set, builder. Each is converted, and computes the same.</summary>
    private static readonly Dictionary<string, (long Opset, Func<Graph, Value> Build)> s_converted = new()
    {
        ["Softmax over several axes"] = (11, g => g.Apply("Softmax", [g.Input("batch", "3", "4")], "y")),
        ["Softmax over one axis"] = (11, g => g.Apply("Softmax", [g.Input(2, 3, 1, 1)], "y")),
        ["LogSoftmax from the first axis"] = (9, g => g.Apply("LogSoftmax", [g.Input(2, 3, 4)], "y", [Int("axis", 0)])),
        ["Hardmax"] = (12, g => g.Apply("Hardmax", [g.Input(2, 3, 4)], "y", [Int("axis", 1)])),
        ["Squeeze"] = (11, g => g.Apply("Squeeze", [g.Input(2, 1, 3)], "y", [IntList("axes", 1)])),
        ["Squeeze of every axis"] = (11, g => g.Apply("Squeeze", [g.Input(2, 1, 3)], "y")),
        ["Unsqueeze"] = (9, g => g.Apply("Unsqueeze", [g.Input(2, 3)], "y", [IntList("axes", 0, 3)])),
        ["ReduceSum"] = (11, g => g.Apply("ReduceSum", [g.Input(2, 3, 4)], "y", [IntList("axes", -1), Int("keepdims", 0)])),
        ["ReduceMean"] = (14, g => g.Apply("ReduceMean", [g.Input(2, 3, 4)], "y", [IntList("axes", 1)])),
        ["ReduceL2 over everything"] = (13, g => g.Apply("ReduceL2", [g.Input(2, 3, 4)], "y")),
        ["ReduceMax"] = (11, g => g.Apply("ReduceMax", [g.Input(2, 3, 4)], "y", [IntList("axes", 0, 2)])),
        ["Clip"] = (9, g => g.Apply("Clip", [g.Input(2, 3)], "y", [Number("min", -0.25f), Number("max", 0.5f)])),
        ["Clip from above"] = (10, g => g.Apply("Clip", [g.Input(2, 3)], "y", [Number("max", 0.5f)])),
        ["Pad"] = (9, g => g.Apply("Pad", [g.Input(2, 3)], "y", [IntList("pads", 0, 1, 1, 0), Number("value", 2)])),
        ["Pad by mirroring"] = (10, g => g.Apply("Pad", [g.Input(2, 3)], "y", [IntList("pads", 0, 1, 0, 1), Text("mode", "reflect")])),
        ["Slice"] = (9, g => g.Apply("Slice", [g.Input(4, 3)], "y", [IntList("starts", 1, 0), IntList("ends", -1, 2)])),
        ["Slice with axes"] = (9, g => g.Apply("Slice", [g.Input(4, 3)], "y", [IntList("starts", 1), IntList("ends", 9), IntList("axes", 1)])),
        ["TopK"] = (9, g => TwoLargest(g)),
        ["Split"] = (11, g => Halves(g, [IntList("split", 1, 3), Int("axis", 1)])),
        ["Split in equal parts"] = (13, g => Halves(g, [Int("axis", 1)])),
        ["Dropout"] = (9, g => g.Apply("Relu", [g.Apply("Dropout", [g.Input(2, 3)], "d", [Number("ratio", 0.3f)])], "y")),
        ["BatchNormalization"] = (8, g => g.Apply("BatchNormalization", [g.Input(2, 3, 4), .. new[] { "s", "bi", "mea", "vari" }.Select(n => g.Weight(n, 3))], "y", [Int("spatial", 1)])),
        ["Upsample"] = (9, g => g.Apply("Upsample", [g.Input(1, 1, 3, 3), g.Floats(1, 1, 2, 3)], "y")),
        ["Upsample with scales as attribute"] = (8, g => g.Apply("Upsample", [g.Input(1, 1, 3, 3)], "y", [new FloatsAttribute("scales", [1, 1, 2, 2]), Text("mode", "linear")])),
        ["Resize up"] = (10, g => g.Apply("Resize", [g.Input(1, 1, 3, 3), g.Floats(1, 1, 2, 1.5f)], "y")),
        ["Resize down"] = (10, g => g.Apply("Resize", [g.Input(1, 1, 6, 6), g.Floats(1, 1, 0.5f, 0.6f)], "y")),
        ["Resize linearly"] = (10, g => g.Apply("Resize", [g.Input(1, 1, 4, 4), g.Floats(1, 1, 2, 0.5f)], "y", [Text("mode", "linear")])),
        ["Resize-11 with empty inputs"] = (11, g => g.Apply("Resize", [g.Input(1, 1, 4, 4), g.Floats(), g.Floats(), g.Ints(1, 1, 8, 8)], "y", [Text("mode", "linear")])),
        ["Scatter"] = (9, g => g.Apply("Scatter", [g.Input(3, 3), g.AddInitializer("i", Tensor.Create<long>(ElementType.Int64, [1, 2], [1, 2])), g.AddInitializer("u", Tensor.Create<float>(ElementType.Float, [1, 2], [7, 8]))], "y")),
        ["GridSample"] = (16, g => g.Apply("GridSample", [g.Input(1, 1, 4, 4), g.AddInitializer("grid", Tensor.Create<float>(ElementType.Float, [1, 1, 2, 2], [0.1f, 0.2f, -0.5f, 0.7f]))], "y", [Text("mode", "bicubic")])),
        ["GRU"] = (7, g => g.Apply("GRU", [g.Input(3, 2, 4), g.Weight("w", 1, 9, 4), g.Weight("r", 1, 9, 3)], "y", [Int("hidden_size", 3)])),
        ["AveragePool"] = (9, g => g.Apply("AveragePool", [g.Input(1, 2, 5, 5)], "y", [IntList("kernel_shape", 2, 2)])),
    };

    /// <summary>What has no spelling in the newer operator set, or none that is known.</summary>
    private static readonly Dictionary<string, (long Opset, Func<Graph, Value> Build)> s_kept = new()
    {
        ["a coordinate mode that went"] = (11, g => g.Apply("Resize", [g.Input(1, 1, 4, 4), g.Floats(), g.Floats(1, 1, 2, 2)], "y", [Text("mode", "linear"), Text("coordinate_transformation_mode", "tf_half_pixel_for_nn")])),
        ["an operator that came later"] = (26, g => g.Apply("CumProd", [g.Input(2, 3), g.Ints(1)], "y")),
    };

    public static TheoryData<string> Converted => [.. s_converted.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Converted))]
    public void An_old_spelling_is_converted_and_computes_the_same(string name)
    {
        Model model = Model(s_converted[name].Opset, s_converted[name].Build);
        Model Original() => ModelReader.Read(ModelWriter.ToBytes(model));

        Model converted = new ModelCompiler(new CompilerOptions { StopAfter = "ConvertOpset" }).Compile(Original()).Model;
        Dictionary<string, Tensor> inputs = Agreement.Draw(converted.Graph, 2);
        Assert.Equal(24, converted.Opset);
        Assert.InRange(Agreement.Error(Agreement.Run(Original(), inputs), Agreement.Run(converted, inputs)), 0, 1e-6);

        // And what is exported is what ONNX Runtime can load in the operator set that is declared.
        Compile(model);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_cannot_be_converted_keeps_its_operator_set_and_is_told(string name)
    {
        var told = new List<Diagnostic>();

        CompilationResult result = new ModelCompiler(new CompilerOptions(), null, told.Add).Compile(Model(s_kept[name].Opset, s_kept[name].Build));

        Assert.Equal(s_kept[name].Opset, result.Model.Opset);
        Assert.Contains(told, d => d.Code == "OPT2006");
    }

    /// <summary>ONNX Runtime has no RoiAlign-22, so that only what is exported can run.</summary>
    [Fact]
    public void RoiAlign_without_half_pixels_keeps_its_operator_set()
    {
        CompilationResult result = Compile(Model(10, g => g.Apply("RoiAlign",
            [g.Input(1, 1, 8, 8), g.AddInitializer("rois", Tensor.Create<float>(ElementType.Float, [1, 4], [1, 1, 5, 6])), g.Ints(0)], "y", [Int("output_height", 2), Int("output_width", 2)])));

        Assert.Equal(10, result.Model.Opset);
    }

    [Fact]
    public void An_operator_set_that_is_newer_is_written_as_the_lowest_that_means_the_same()
    {
        CompilationResult result = Compile(Model(26, g => g.Apply("Reshape", [g.Input(2, 3), g.Ints(3, 2)], "y")));

        Assert.Equal(7, result.Model.Opset);
    }

    [Fact]
    public void An_operator_set_before_7_is_refused()
    {
        var e = Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions()).Compile(Model(6, g => g.Apply("Relu", [g.Input(2)], "y"))));

        Assert.Equal("OPT1006", e.Diagnostic.Code);
    }

    [Theory]
    [InlineData("Relu", 7)]
    [InlineData("HardSwish", 14)]
    [InlineData("Mish", 18)]
    public void The_lowest_operator_set_that_means_the_same_is_declared(string opType, long expected)
    {
        CompilationResult result = Compile(Model(20, g => g.Apply(opType, [g.Input(2, 3)], "y")));

        Assert.Equal(expected, result.Model.Opset);
    }

    /// <summary>Operators that an earlier operator set has as well, and what makes this use of them newer.</summary>
    private static readonly Dictionary<string, (long Expected, Func<Graph, Value> Build)> s_newer = new()
    {
        ["a seed"] = (12, g => g.Apply("Dropout", [g.Input(2, 3)], "y", [Int("seed", 1)])),
        ["the largest integers"] = (11, g => LargestIntegers(g)),
        ["padded truth values"] = (13, g => g.Apply("Pad", [g.AddInput("x", new TensorType(ElementType.Bool, Shape.Of(3))), g.Ints(1, 1)], "y")),
        ["an operator that ONNX Runtime had before"] = (17, g => g.Apply("LayerNormalization", [g.Input(2, 3), g.Weight("scale", 3)], "y")),
        ["a scale per channel"] = (13, g => g.Apply("DequantizeLinear", [g.AddInput("x", new TensorType(ElementType.Int32, Shape.Of(2, 3))), g.Weight("scale", 3)], "y")),
    };

    public static TheoryData<string> Newer => [.. s_newer.Keys];

    [Theory]
    [MemberData(nameof(Newer))]
    public void An_operator_set_that_is_too_low_is_not_declared_for(string name) =>
        Assert.Equal(s_newer[name].Expected, Compile(Model(17, s_newer[name].Build), new CompilerOptions { Engine = Engine.Portable }).Model.Opset);

    [Fact]
    public void Integers_keep_the_version_that_takes_them()
    {
        CompilationResult result = Compile(Model(18, g => g.Apply("Relu", [g.AddInput("x", new TensorType(ElementType.Int32, Shape.Of(2, 3)))], "y")));

        Assert.Equal(14, result.Model.Opset);
    }

    [Fact]
    public void Axes_become_attributes_again_where_that_keeps_the_original_operator_set()
    {
        CompilationResult result = Compile(Model(13, g => g.Apply("ReduceMean", [g.Apply("HardSigmoid", [g.Input(2, 3)], "h")], "y", [IntList("axes", -1)])));

        Assert.InRange(result.Model.Opset, 7, 13);
        Assert.NotNull(result.Model.Graph.Last!.IntsAttribute("axes"));
    }

    [Fact]
    public void The_cap_is_kept_where_it_can_be()
    {
        CompilationResult result = Compile(Model(18, g => g.Apply("ReduceMean", [g.Input(2, 3), g.Ints(1)], "y")), new CompilerOptions { Opset = 13 });

        Assert.InRange(result.Model.Opset, 7, 13);
    }

    [Fact]
    public void A_cap_that_cannot_be_kept_is_an_error_that_names_the_operator()
    {
        var e = Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions { Opset = 13 }).Compile(Model(18, g => g.Apply("CenterCropPad", [g.Input(2), g.Ints(1)], "y"))));

        Assert.Equal("OPT2007", e.Diagnostic.Code);
        Assert.Contains("CenterCropPad", e.Message, StringComparison.Ordinal);
    }

    private static Value TwoLargest(Graph g)
    {
        Node node = g.AddNode("TopK", [g.Input(2, 5)]);
        node.SetAttribute(Int("k", 2));
        node.SetOutput(0, g.AddValue("values"));
        node.SetOutput(1, g.AddValue("indices"));
        return g.Apply("Add", [node.Outputs[0], g.Apply("Cast", [node.Outputs[1]], "f", [Int("to", (long)ElementType.Float)])], "y");
    }

    private static Value LargestIntegers(Graph g)
    {
        Value y = g.Apply("TopK", [g.AddInput("x", new TensorType(ElementType.Int64, Shape.Of(5))), g.Ints(2)], "y");
        y.Producer!.SetOutput(1, g.AddValue("positions"));
        return y;
    }

    private static Value Halves(Graph g, NodeAttribute[] attributes)
    {
        Node node = g.AddNode("Split", [g.Input(2, 4)]);
        foreach (NodeAttribute attribute in attributes)
            node.SetAttribute(attribute);
        node.SetOutput(0, g.AddValue("a"));
        node.SetOutput(1, g.AddValue("b"));
        return g.Apply("Concat", [node.Outputs[1], node.Outputs[0]], "y", [Int("axis", 1)]);
    }
}
