using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Elementwise operators, products, reductions, normalisations, quantisation, recurrent layers.</summary>
public class ComputationTests
{
    [Fact]
    public void Broadcasting()
    {
        var s = new Scenario();
        Value x = s.Input("b", 1, "s");
        Value y = s.Apply("Add", [x, s.Input("t", 1)]);
        Value less = s.Apply("Less", [y, s.Input(1)]);
        Value chosen = s.Apply("Where", [less, x, y]);
        s.Sizes("t", 2, 3).Check((y, ElementType.Float, "[b, t, s]"), (less, ElementType.Bool, "[b, t, s]"), (chosen, ElementType.Float, "[b, t, s]"));
    }

    [Fact]
    public void Two_sizes_that_may_both_be_one()
    {
        Scenario s = new Scenario().Sizes("a", 1).Sizes("b", 3);
        s.Check(s.Apply("Mul", [s.Input("a", 2), s.Input("b", 1)]), "[broadcast(a, b), 2]");
    }

    [Fact]
    public void Types_of_casts_and_masks()
    {
        var s = new Scenario();
        Value x = s.Input("n", 2);
        Value half = s.Apply("Cast", [x], Type("to", ElementType.Float16));
        Value back = s.Apply("CastLike", [half, x]);
        Value[] dropped = s.ApplyMany("Dropout", 2, [back]);
        s.Check((half, ElementType.Float16, "[n, 2]"), (back, ElementType.Float, "[n, 2]"), (dropped[1], ElementType.Bool, "[n, 2]"), (s.Apply("IsNaN", [x]), ElementType.Bool, "[n, 2]"));
    }

    [Fact]
    public void Variadic_operators()
    {
        var s = new Scenario();
        Value a = s.Input("n", 1);
        s.Check(s.Apply("Max", [a, s.Input(3), s.Input(1, 1, 1)]), "[1, n, 3]");
    }

    [Fact]
    public void Products_of_matrices()
    {
        var s = new Scenario();
        Value a = s.Input("b", 1, "m", "k");
        Value b = s.Input(5, "k", 7);
        Value vector = s.Input("k");
        s.Check(
            (s.Apply("MatMul", [a, b]), ElementType.Float, "[b, 5, m, 7]"),
            (s.Apply("MatMul", [a, vector]), ElementType.Float, "[b, 1, m]"),
            (s.Apply("MatMul", [vector, b]), ElementType.Float, "[5, 7]"),
            (s.Apply("MatMul", [vector, vector]), ElementType.Float, "[]"));
    }

    [Fact]
    public void General_product()
    {
        var s = new Scenario();
        s.Check(s.Apply("Gemm", [s.Input("k", "m"), s.Input(5, "k")], Int("transA", 1), Int("transB", 1)), "[m, 5]");
    }

    [Theory]
    [InlineData("bij,bjk->bik", "[b, i, k]")]
    [InlineData("bij,bjk", "[i, k]")]
    [InlineData("bij,bjk->kb", "[k, b]")]
    public void Einstein_sum(string equation, string expected)
    {
        var s = new Scenario();
        s.Check(s.Apply("Einsum", [s.Input("b", "i", "j"), s.Input("b", "j", "k")], Text("equation", equation)), expected);
    }

    [Theory]
    [InlineData(11, true, "[a, 1, c]")]
    [InlineData(11, false, "[a, c]")]
    [InlineData(18, true, "[a, 1, c]")]
    [InlineData(18, false, "[a, c]")]
    public void Reduction_in_both_forms(long opset, bool keep, string expected)
    {
        var s = new Scenario(opset);
        Value x = s.Input("a", "b", "c");
        s.Check(opset < 18 ? s.Apply("ReduceMean", [x], Ints("axes", -2), Int("keepdims", keep ? 1 : 0)) : s.Apply("ReduceMean", [x, s.List(-2)], Int("keepdims", keep ? 1 : 0)), expected);
    }

    [Fact]
    public void Reduction_of_everything_or_nothing()
    {
        var s = new Scenario(18);
        Value x = s.Input("a", "b");
        s.Check(
            (s.Apply("ReduceMax", [x]), ElementType.Float, "[1, 1]"),
            (s.Apply("ReduceSum", [x], Int("keepdims", 0)), ElementType.Float, "[]"),
            (s.Apply("ReduceSum", [x], Int("noop_with_empty_axes", 1)), ElementType.Float, "[a, b]"));
    }

    [Fact]
    public void Positions_of_elements()
    {
        Scenario s = new Scenario().Sizes("b", 3, 4);
        Value x = s.Input("a", "b");
        Value[] top = s.ApplyMany("TopK", 2, [x, s.List(2)]);
        Value[] unique = s.ApplyMany("Unique", 4, [x]);
        s.Check(
            (s.Apply("ArgMax", [x], Int("axis", 1), Int("keepdims", 0)), ElementType.Int64, "[a]"),
            (top[0], ElementType.Float, "[a, 2]"),
            (top[1], ElementType.Int64, "[a, 2]"),
            (unique[0], ElementType.Float, "[?]"),
            (s.Apply("NonZero", [x]), ElementType.Int64, "[2, ?]"));
    }

    [Fact]
    public void Unknown_counts_are_one_size_wherever_they_go()
    {
        var s = new Scenario();
        Value places = s.Apply("NonZero", [s.Input("a", "b")]);
        Value moved = s.Apply("Transpose", [places]);
        Value sum = s.Apply("Concat", [moved, moved], Int("axis", 0));
        s.Check((sum, ElementType.Int64, "[2*?, 2]"));
        Assert.Equal(places.Shape![1], moved.Shape![0]);
    }

    [Fact]
    public void Normalisations()
    {
        Scenario s = new Scenario(23);
        Value x = s.Input("n", 4, "h");
        Value[] layer = s.ApplyMany("LayerNormalization", 3, [x, s.Input("h")]);
        s.Check(
            (layer[0], ElementType.Float, "[n, 4, h]"),
            (layer[1], ElementType.Float, "[n, 4, 1]"),
            (s.Apply("BatchNormalization", [x, s.Zeros(4), s.Zeros(4), s.Zeros(4), s.Zeros(4)]), ElementType.Float, "[n, 4, h]"),
            (s.Apply("GroupNormalization", [x, s.Zeros(4), s.Zeros(4)], Int("num_groups", 2)), ElementType.Float, "[n, 4, h]"),
            (s.Apply("RMSNormalization", [x, s.Input("h")]), ElementType.Float, "[n, 4, h]"),
            (s.Apply("Softmax", [x]), ElementType.Float, "[n, 4, h]"));
    }

    [Fact]
    public void Quantisation()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        Value[] dynamic = s.ApplyMany("DynamicQuantizeLinear", 3, [x]);
        Value integers = s.Apply("MatMulInteger", [dynamic[0], s.Input(ElementType.Int8, 4, 5), dynamic[2]]);
        Value signed = s.Apply("QuantizeLinear", [x, s.Apply("Add", [dynamic[1], dynamic[1]])], Type("output_dtype", ElementType.Int8));
        s.Check(
            (dynamic[0], ElementType.UInt8, "[n, 4]"),
            (dynamic[1], ElementType.Float, "[]"),
            (dynamic[2], ElementType.UInt8, "[]"),
            (integers, ElementType.Int32, "[n, 5]"),
            (signed, ElementType.Int8, "[n, 4]"),
            (s.Apply("DequantizeLinear", [signed, dynamic[1]]), ElementType.Float, "[n, 4]"));
    }

    [Theory]
    [InlineData("LSTM", 4, 3)]
    [InlineData("GRU", 3, 2)]
    [InlineData("RNN", 1, 2)]
    public void Recurrent_layers(string opType, int gates, int outputs)
    {
        var s = new Scenario();
        Value x = s.Input("t", "b", 3);
        Value[] y = s.ApplyMany(opType, outputs, [x, s.Zeros(2, gates * 5, 3), s.Zeros(2, gates * 5, 5)], Text("direction", "bidirectional"), Int("hidden_size", 5));
        s.Check((y[0], ElementType.Float, "[t, 2, b, 5]"), (y[^1], ElementType.Float, "[2, b, 5]"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(2)]
    public void Pads_in_both_forms(long opset)
    {
        var s = new Scenario(opset);
        Value x = s.Input("n", 4);
        s.Check(opset < 11 ? s.Apply("Pad", [x], Ints("pads", 1, 2, 0, -1)) : s.Apply("Pad", [x, s.List(1, 2, 0, -1)]), "[n + 1, 5]");
    }

    [Fact]
    public void Pads_of_some_axes()
    {
        var s = new Scenario(18);
        s.Check(s.Apply("Pad", [s.Input("n", 4, "w"), s.List(1, 2), null, s.List(-1)]), "[n, 4, w + 3]");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(18)]
    public void Resize_by_scales(long opset)
    {
        Scenario s = new Scenario(opset).Sizes("h", 2, 3, 5);
        Value x = s.Input(1, 3, "h", 7);
        Value scales = s.Floats(1, 1, 0.5f, 1.5f);
        s.Check(opset == 10 ? s.Apply("Resize", [x, scales]) : s.Apply("Resize", [x, null, scales]), "[1, 3, floor(h/2), 10]");
    }

    [Fact]
    public void Resize_to_sizes()
    {
        var s = new Scenario(18);
        Value x = s.Input("n", 3, 4, 4);
        Value image = s.Input("h", "w");
        Value sizes = s.Apply("Concat", [s.Apply("Shape", [x], Int("end", 2)), s.Apply("Shape", [image])], Int("axis", 0));
        s.Check(s.Apply("Resize", [x, null, null, sizes]), "[n, 3, h, w]");
    }

    [Fact]
    public void Sampling_of_a_grid()
    {
        var s = new Scenario(16);
        s.Check(s.Apply("GridSample", [s.Input("n", 3, 8, 8), s.Input("n", "h", "w", 2)]), "[n, 3, h, w]");
    }

    [Fact]
    public void Signals()
    {
        Scenario s = new Scenario().Sizes("t", 40, 57);
        Value window = s.Apply("HannWindow", [s.Number(16)]);
        Value spectrum = s.Apply("STFT", [s.Input("b", "t", 1), s.Number(4), window]);
        Value transform = s.Apply("DFT", [s.Input("b", "t", 1), null, s.Number(1)], Int("onesided", 1));
        Value mel = s.Apply("MelWeightMatrix", [s.Number(8), s.Number(16), s.Number(8000), s.Graph.AddInitializer("low", Tensor.OfFloat(0)), s.Graph.AddInitializer("high", Tensor.OfFloat(4000))]);
        s.Check(
            (window, ElementType.Float, "[16]"),
            (spectrum, ElementType.Float, "[b, floor(t/4) - 3, 9, 2]"),
            (transform, ElementType.Float, "[b, floor(t/2) + 1, 2]"),
            (mel, ElementType.Float, "[9, 8]"));
    }

    [Fact]
    public void Attention()
    {
        var s = new Scenario(23);
        Value q = s.Input("b", "s", 32);
        Value k = s.Input("b", "t", 16);
        Value v = s.Input("b", "t", 24);
        Value[] y = s.ApplyMany("Attention", 3, [q, k, v, null, s.Input("b", 2, "p", 8), s.Input("b", 2, "p", 12)], Int("q_num_heads", 4), Int("kv_num_heads", 2));
        s.Check((y[0], ElementType.Float, "[b, s, 48]"), (y[1], ElementType.Float, "[b, 2, p + t, 8]"), (y[2], ElementType.Float, "[b, 2, p + t, 12]"));
    }

    [Fact]
    public void Attention_with_heads_apart()
    {
        var s = new Scenario(23);
        Value y = s.Apply("Attention", [s.Input("b", 4, "s", 8), s.Input("b", 4, "t", 8), s.Input("b", 4, "t", 6)]);
        s.Check(y, "[b, 4, s, 6]");
    }

    [Fact]
    public void Contrib_attention()
    {
        var s = new Scenario();
        Value q = s.Input("b", "s", 16);
        Value y = s.ApplyContrib("MultiHeadAttention", [q, q, q], Int("num_heads", 4));
        Value packed = s.ApplyContrib("Attention", [q, s.Zeros(16, 48), s.Zeros(48)], Int("num_heads", 4));
        s.Check((y, ElementType.Float, "[b, s, 16]"), (packed, ElementType.Float, "[b, s, 16]"));
    }

    [Fact]
    public void Contrib_fusions()
    {
        var s = new Scenario();
        Value x = s.Input("b", "s", 16);
        Value skip = s.ApplyContrib("SkipLayerNormalization", [x, x, s.Zeros(16), s.Zeros(16)]);
        Value product = s.ApplyContrib("FusedMatMul", [skip, x], Int("transB", 1));
        Value gelu = s.ApplyContrib("BiasGelu", [x, s.Zeros(16)]);
        s.Check((skip, ElementType.Float, "[b, s, 16]"), (product, ElementType.Float, "[b, s, s]"), (gelu, ElementType.Float, "[b, s, 16]"));
    }

    [Fact]
    public void Contrib_product_of_transposed_batches()
    {
        var s = new Scenario();
        Value y = s.ApplyContrib("FusedMatMul", [s.Input("m", 3, "k"), s.Input("n", 3, "k")], Int("transBatchA", 1), Int("transBatchB", 1), Int("transB", 1));
        s.Check(y, "[3, m, n]");
    }
}
