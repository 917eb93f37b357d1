using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Reshaping, joining, dividing, selecting.</summary>
public class LayoutTests
{
    [Theory]
    [InlineData(new long[] { 0, 0, 12, 64 }, "[b, s, 12, 64]")]
    [InlineData(new long[] { 0, -1, 64 }, "[b, 12*s, 64]")]
    [InlineData(new long[] { -1, 768 }, "[b*s, 768]")]
    [InlineData(new long[] { -1 }, "[768*b*s]")]
    [InlineData(new long[] { 0, 0, -1 }, "[b, s, 768]")]
    public void Reshape(long[] target, string expected)
    {
        var s = new Scenario();
        s.Check(s.Apply("Reshape", [s.Input("b", "s", 768), s.List(target)]), expected);
    }

    [Fact]
    public void Reshape_to_a_computed_target()
    {
        var s = new Scenario();
        Value x = s.Input("b", "s", 768);
        Value shape = s.Apply("Shape", [x]);
        Value b = s.Apply("Unsqueeze", [s.Apply("Gather", [shape, s.Number(0)]), s.List(0)]);
        Value length = s.Apply("Slice", [shape, s.List(1), s.List(2)]);
        Value target = s.Apply("Concat", [b, length, s.List(12), s.List(-1)], Int("axis", 0));
        ShapeFacts facts = s.Check(s.Apply("Reshape", [x, target]), "[b, s, 12, 64]");
        Assert.Equal("b, s, 12, -1", string.Join(", ", facts.ValueOf(target)!));
    }

    [Fact]
    public void Reshape_where_zero_is_a_size()
    {
        var s = new Scenario();
        s.Check(s.Apply("Reshape", [s.Input("n", 0), s.List(0, 7)], Int("allowzero", 1)), "[0, 7]");
    }

    [Theory]
    [InlineData(0, "[1, 6*n*w]")]
    [InlineData(1, "[n, 6*w]")]
    [InlineData(-1, "[6*n, w]")]
    [InlineData(4, "[6*n*w, 1]")]
    public void Flatten(long axis, string expected)
    {
        var s = new Scenario();
        s.Check(s.Apply("Flatten", [s.Input("n", 2, 3, "w")], Int("axis", axis)), expected);
    }

    [Fact]
    public void Transpose()
    {
        var s = new Scenario();
        Value x = s.Input("a", "b", "c");
        Value y = s.Apply("Transpose", [x], Ints("perm", 1, 0, 2));
        s.Check((y, ElementType.Float, "[b, a, c]"), (s.Apply("Transpose", [x]), ElementType.Float, "[c, b, a]"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    public void Squeeze_and_unsqueeze_in_both_forms(long opset)
    {
        var s = new Scenario(opset);
        Value x = s.Input("a", 1, "c", 1);
        Value squeezed = opset < 13 ? s.Apply("Squeeze", [x], Ints("axes", 1, -1)) : s.Apply("Squeeze", [x, s.List(1, -1)]);
        Value unsqueezed = opset < 13 ? s.Apply("Unsqueeze", [squeezed], Ints("axes", 0, -1)) : s.Apply("Unsqueeze", [squeezed, s.List(0, -1)]);
        s.Check((squeezed, ElementType.Float, "[a, c]"), (unsqueezed, ElementType.Float, "[1, a, c, 1]"));
    }

    [Fact]
    public void Squeeze_of_all_ones()
    {
        var s = new Scenario();
        s.Check(s.Apply("Squeeze", [s.Input(1, 3, 1, 4)]), "[3, 4]");
    }

    [Fact]
    public void Expand_broadcasts()
    {
        var s = new Scenario();
        s.Check(s.Apply("Expand", [s.Input("a", 1, "c"), s.List(5, 1, 6, 1)]), "[5, a, 6, c]");
    }

    [Fact]
    public void Tile()
    {
        var s = new Scenario();
        s.Check(s.Apply("Tile", [s.Input("a", 3), s.List(2, 3)]), "[2*a, 9]");
    }

    [Fact]
    public void Concat_adds_along_its_axis()
    {
        var s = new Scenario();
        s.Check(s.Apply("Concat", [s.Input("b", "p", 8), s.Input("b", "s", 8), s.Input("b", 1, 8)], Int("axis", -2)), "[b, p + s + 1, 8]");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(18)]
    public void Split_in_all_forms(long opset)
    {
        var s = new Scenario(opset);
        Value x = s.Input("b", 7);
        Value[] parts = opset switch
        {
            11 => s.ApplyMany("Split", 2, [x], Int("axis", 1), Ints("split", 3, 4)),
            13 => s.ApplyMany("Split", 2, [x, s.List(3, 4)], Int("axis", 1)),
            _ => s.ApplyMany("Split", 2, [x], Int("axis", 1), Int("num_outputs", 2)),
        };
        (string First, string Second) = opset == 18 ? ("[b, 4]", "[b, 3]") : ("[b, 3]", "[b, 4]");
        s.Check((parts[0], ElementType.Float, First), (parts[1], ElementType.Float, Second));
    }

    [Fact]
    public void Split_in_equal_parts()
    {
        var s = new Scenario(13);
        Value[] parts = s.ApplyMany("Split", 3, [s.Apply("Concat", [s.Input("a"), s.Input("a"), s.Input("a")], Int("axis", 0))]);
        s.Check((parts[0], ElementType.Float, "[a]"), (parts[2], ElementType.Float, "[a]"));
    }

    [Theory]
    [InlineData(0, 5, 1, "[n, min(w, 5)]")]
    [InlineData(1, long.MaxValue, 1, "[n, max(w - 1, 0)]")]
    [InlineData(0, -1, 1, "[n, max(w - 1, 0)]")]
    [InlineData(-3, long.MaxValue, 1, "[n, min(w, 3)]")]
    [InlineData(0, long.MaxValue, 2, "[n, floor((w + 1)/2)]")]
    [InlineData(-1, long.MinValue, -1, "[n, w]")]
    [InlineData(1, 1, 1, "[n, 0]")]
    public void Slice(long start, long end, long step, string expected)
    {
        Scenario s = new Scenario().Sizes("w", 1, 2, 3, 4, 5, 6, 7);
        s.Check(s.Apply("Slice", [s.Input("n", "w"), s.List(start), s.List(end), s.List(1), s.List(step)]), expected);
    }

    [Theory]
    [InlineData(2, 9, 3, "[2]")]
    [InlineData(-9, -2, 1, "[5]")]
    [InlineData(6, 0, -2, "[3]")]
    [InlineData(9, -9, -1, "[7]")]
    [InlineData(5, 2, 1, "[0]")]
    public void Slice_of_a_known_size(long start, long end, long step, string expected)
    {
        var s = new Scenario();
        s.Check(s.Apply("Slice", [s.Input(7), s.List(start), s.List(end), s.List(0), s.List(step)]), expected);
    }

    [Fact]
    public void Slice_with_attributes()
    {
        var s = new Scenario(9);
        s.Check(s.Apply("Slice", [s.Input("n", 9)], Ints("starts", 2), Ints("ends", 5), Ints("axes", 1)), "[n, 3]");
    }

    [Fact]
    public void Slice_to_a_length_that_is_computed()
    {
        Scenario s = new Scenario().Sizes("t", 1, 2, 5);
        Value length = s.Apply("Shape", [s.Input("t")]);
        s.Check(s.Apply("Slice", [s.Zeros(1, 4, 8), s.List(0), length, s.List(1)]), "[1, min(t, 4), 8]");
    }

    [Fact]
    public void A_table_cut_to_a_length_is_as_long_where_it_is_added()
    {
        Scenario s = new Scenario();
        Value x = s.Input("b", "t", 8);
        Value length = s.Apply("Slice", [s.Apply("Shape", [x]), s.List(1), s.List(2)]);
        Value table = s.Apply("Slice", [s.Zeros(1, 16, 8), s.List(0), length, s.List(1)]);
        Value sum = s.Apply("Add", [x, table]);
        s.Check((table, ElementType.Float, "[1, min(t, 16), 8]"), (sum, ElementType.Float, "[b, t, 8]"), (s.Apply("Relu", [table]), ElementType.Float, "[1, t, 8]"));
    }

    [Fact]
    public void Gather_puts_the_indices_in_place_of_the_axis()
    {
        var s = new Scenario();
        s.Check(s.Apply("Gather", [s.Input("a", 5, "c"), s.Input(ElementType.Int64, "i", "j")], Int("axis", 1)), "[a, i, j, c]");
    }

    [Fact]
    public void Gather_and_scatter_of_elements()
    {
        var s = new Scenario();
        Value data = s.Input(3, 4);
        Value indices = s.Input(ElementType.Int64, 2, "w");
        Scenario sized = s.Sizes("w", 1, 2, 3);
        Value taken = s.Apply("GatherElements", [data, indices], Int("axis", 1));
        Value put = s.Apply("ScatterElements", [data, indices, taken], Int("axis", 1));
        Value slices = s.Apply("GatherND", [data, s.Input(ElementType.Int64, "n", 1)]);
        sized.Check((taken, ElementType.Float, "[2, w]"), (put, ElementType.Float, "[3, 4]"), (slices, ElementType.Float, "[n, 4]"));
    }

    [Fact]
    public void Depth_and_space()
    {
        var s = new Scenario();
        Value deep = s.Input("n", 8, "h", "w");
        Value space = s.Apply("DepthToSpace", [deep], Int("blocksize", 2));
        s.Check((space, ElementType.Float, "[n, 2, 2*h, 2*w]"), (s.Apply("SpaceToDepth", [space], Int("blocksize", 2)), ElementType.Float, "[n, 8, h, w]"));
    }

    [Fact]
    public void One_hot_and_compress_and_triangle()
    {
        var s = new Scenario();
        Value hot = s.Apply("OneHot", [s.Input(ElementType.Int64, "n"), s.Number(5), s.Floats(0, 1)]);
        Value some = s.Apply("Compress", [hot, s.Input(ElementType.Bool, 2)], Int("axis", 1));
        Value triangle = s.Apply("Trilu", [hot]);
        s.Check((hot, ElementType.Float, "[n, 5]"), (some, ElementType.Float, "[n, ?]"), (triangle, ElementType.Float, "[n, 5]"));
    }
}
