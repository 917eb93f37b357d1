using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Small integer tensors that are followed element by element.</summary>
public class FollowedValueTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void Shapes_and_sizes()
    {
        Value x = _s.Input("a", 3, "c");
        _s.CheckElements(_s.Apply("Shape", [x], Int("start", -2)), "3, c");
    }

    [Fact]
    public void Number_of_elements()
    {
        _s.CheckElements(_s.Apply("Size", [_s.Input("a", 3, "c")]), "3*a*c");
    }

    [Fact]
    public void Arithmetic()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a", "b")]);
        Value sum = _s.Apply("Add", [_s.Apply("Mul", [shape, _s.List(2, 3)]), _s.Number(1)]);
        Value half = _s.Apply("Div", [sum, _s.List(2)]);
        Value rest = _s.Apply("Mod", [sum, _s.List(2)]);
        _s.CheckElements(_s.Apply("Concat", [half, rest, _s.Apply("Neg", [shape])], Int("axis", 0)), "a, b + floor((b + 1)/2), 1, b - 2*floor((b + 1)/2) + 1, -a, -b");
    }

    [Fact]
    public void Division_rounds_towards_zero()
    {
        _s.CheckElements(_s.Apply("Div", [_s.List(-7, 7, -6), _s.List(2)]), "-3, 3, -3");
    }

    [Fact]
    public void Division_of_what_may_be_negative_is_not_followed()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a")]);
        _s.CheckElements(_s.Apply("Div", [_s.Apply("Sub", [shape, _s.List(3)]), _s.List(2)]), "?");
    }

    [Fact]
    public void Casts_of_whole_numbers()
    {
        Value shape = _s.Apply("Cast", [_s.Apply("Shape", [_s.Input("a", "b")])], Type("to", ElementType.Float));
        Value doubled = _s.Apply("Floor", [_s.Apply("Mul", [shape, _s.Floats(2)])]);
        _s.CheckElements(_s.Apply("Cast", [doubled], Type("to", ElementType.Int64)), "2*a, 2*b");
    }

    [Fact]
    public void Fractions_that_are_rounded_at_once()
    {
        Value shape = _s.Apply("Cast", [_s.Apply("Shape", [_s.Input("a", "b")])], Type("to", ElementType.Float));
        Value scaled = _s.Apply("Cast", [_s.Apply("Floor", [_s.Apply("Mul", [shape, _s.Floats(1.5f)])])], Type("to", ElementType.Int64));
        Value divided = _s.Apply("Cast", [_s.Apply("Ceil", [_s.Apply("Div", [shape, _s.Floats(3)])])], Type("to", ElementType.Int64));
        Value cut = _s.Apply("Cast", [_s.Apply("Mul", [_s.Floats(0.5f), shape])], Type("to", ElementType.Int64));
        _s.CheckElements(
            _s.Apply("Concat", [scaled, divided, cut], Int("axis", 0)),
            "a + floor(a/2), b + floor(b/2), floor((a + 2)/3), floor((b + 2)/3), floor(a/2), floor(b/2)");
    }

    [Fact]
    public void Comparisons_that_are_decided()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a", 5)]);
        Value isMinus = _s.Apply("Equal", [shape, _s.List(-1, 5)]);
        Value target = _s.Apply("Where", [isMinus, _s.List(1, 1), shape]);
        _s.CheckElements(target, "a, 1");
    }

    [Fact]
    public void Comparisons_that_are_not()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a", 5)]);
        _s.CheckElements(_s.Apply("Where", [_s.Apply("Greater", [shape, _s.List(2)]), shape, _s.List(7, 5)]), "?, 5");
    }

    [Fact]
    public void Rearrangement_of_pads()
    {
        // The way the torch exporter writes pads: [left, right, …] of the last axis first.
        Value shape = _s.Apply("Shape", [_s.Input("a", "b")]);
        Value pads = _s.Apply("Concat", [shape, _s.List(0, 0)], Int("axis", 0));
        Value pairs = _s.Apply("Reshape", [pads, _s.List(-1, 2)]);
        Value reversed = _s.Apply("Slice", [pairs, _s.List(-1), _s.List(long.MinValue), _s.List(0), _s.List(-1)]);
        Value sorted = _s.Apply("Reshape", [_s.Apply("Transpose", [reversed], Ints("perm", 1, 0)), _s.List(-1)]);
        _s.CheckElements(sorted, "0, a, 0, b");
    }

    [Fact]
    public void Selection_and_repetition()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a", "b", "c")]);
        Value[] parts = _s.ApplyMany("Split", 2, [shape, _s.List(1, 2)]);
        Value twice = _s.Apply("Tile", [parts[1], _s.List(2)]);
        Value wide = _s.Apply("Expand", [parts[0], _s.List(2)]);
        Value picked = _s.Apply("Gather", [shape, _s.List(2, -3)]);
        _s.CheckElements(_s.Apply("Concat", [twice, wide, picked], Int("axis", 0)), "b, c, b, c, a, a, c, a");
    }

    [Fact]
    public void Reductions()
    {
        Value shape = _s.Apply("Shape", [_s.Input("a", "b")]);
        Value product = _s.Apply("ReduceProd", [shape], Int("keepdims", 1));
        _s.CheckElements(_s.Apply("Concat", [product, _s.Apply("ReduceMax", [shape])], Int("axis", 0)), "a*b, max(a, b)");
    }

    [Fact]
    public void Ranges_and_fills()
    {
        Value fill = _s.Apply("ConstantOfShape", [_s.List(2)], new TensorAttribute("value", Tensor.OfInt64(3)));
        Value range = _s.Apply("Range", [_s.Number(5), _s.Number(0), _s.Number(-2)]);
        _s.CheckElements(_s.Apply("Concat", [fill, range], Int("axis", 0)), "3, 3, 5, 3, 1");
    }

    [Fact]
    public void Range_of_a_computed_length()
    {
        Value length = _s.Apply("Squeeze", [_s.Apply("Shape", [_s.Input("a")])]);
        Value range = _s.Apply("Range", [_s.Number(1), length, _s.Number(2)]);
        _s.Check((range, ElementType.Int64, "[floor(a/2)]"));
    }

    [Fact]
    public void Elements_that_come_from_data_are_unknown_but_equal_to_themselves()
    {
        Value n = _s.Graph.AddInput("n", new TensorType(ElementType.Int64, Shape.Of(1)));
        Value target = _s.Apply("Concat", [n, _s.List(4), n], Int("axis", 0));
        Value filled = _s.Apply("ConstantOfShape", [target]);
        _s.Check(filled, "[?, 4, ?]");
        Assert.Equal(filled.Shape![0], filled.Shape[2]);
    }

    [Fact]
    public void Large_tensors_are_not_followed()
    {
        Value range = _s.Apply("Range", [_s.Number(0), _s.Number(65), _s.Number(1)]);
        _s.CheckElements(range, "-");
    }
}
