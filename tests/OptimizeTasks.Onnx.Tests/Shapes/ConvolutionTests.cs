using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Convolutions and pooling.</summary>
public class ConvolutionTests
{
    [Theory]
    [InlineData(1, 1, 0, "[n, 4, h - 2, w - 2]")]
    [InlineData(1, 1, 1, "[n, 4, h, w]")]
    [InlineData(2, 1, 1, "[n, 4, floor((h + 1)/2), floor((w + 1)/2)]")]
    [InlineData(2, 2, 1, "[n, 4, floor((h + 1)/2) - 1, floor((w + 1)/2) - 1]")]
    public void Convolution(long stride, long dilation, long pad, string expected)
    {
        Scenario s = new Scenario().Sizes("h", 7, 8, 9).Sizes("w", 5, 12);
        Value y = s.Apply("Conv", [s.Input("n", 3, "h", "w"), s.Zeros(4, 3, 3, 3)], Ints("strides", stride, stride), Ints("dilations", dilation, dilation), Ints("pads", pad, pad, pad, pad));
        s.Check(y, expected);
    }

    [Theory]
    [InlineData("SAME_UPPER", "[n, 4, floor((h + 1)/2)]")]
    [InlineData("SAME_LOWER", "[n, 4, floor((h + 1)/2)]")]
    [InlineData("VALID", "[n, 4, floor((h + 1)/2) - 1]")]
    public void Automatic_pads(string pads, string expected)
    {
        Scenario s = new Scenario().Sizes("h", 7, 8, 9);
        Value y = s.Apply("Conv", [s.Input("n", 3, "h"), s.Zeros(4, 3, 3)], Ints("strides", 2), Text("auto_pad", pads));
        s.Check(y, expected);
    }

    [Fact]
    public void Convolution_of_groups()
    {
        Scenario s = new Scenario().Sizes("h", 7, 8, 9);
        s.Check(s.Apply("Conv", [s.Input("n", 6, "h"), s.Zeros(6, 1, 3)], Int("group", 6)), "[n, 6, h - 2]");
    }

    [Fact]
    public void Transposed_convolution()
    {
        Scenario s = new Scenario().Sizes("h", 3, 4, 5);
        Value y = s.Apply(
            "ConvTranspose",
            [s.Input("n", 4, "h", "h"), s.Zeros(4, 3, 3, 3)],
            Ints("strides", 2, 3), Ints("pads", 1, 0, 0, 1), Ints("output_padding", 1, 0), Int("group", 2));
        s.Check(y, "[n, 6, 2*h + 1, 3*h - 1]");
    }

    [Fact]
    public void Transposed_convolution_to_a_given_size()
    {
        var s = new Scenario();
        Value y = s.Apply("ConvTranspose", [s.Input("n", 2, 5), s.Zeros(2, 3, 3)], Ints("strides", 2), Ints("output_shape", 10));
        s.Check(y, "[n, 3, 10]");
    }

    [Fact]
    public void Transposed_convolution_to_the_same_size()
    {
        var s = new Scenario();
        s.Check(s.Apply("ConvTranspose", [s.Input("n", 2, "h"), s.Zeros(2, 3, 3)], Ints("strides", 2), Text("auto_pad", "SAME_UPPER")), "[n, 3, 2*h]");
    }

    [Theory]
    [InlineData("MaxPool")]
    [InlineData("AveragePool")]
    public void Pooling(string opType)
    {
        Scenario s = new Scenario().Sizes("h", 7, 8, 9);
        Value y = s.Apply(opType, [s.Input("n", 3, "h")], Ints("kernel_shape", 3), Ints("strides", 2), Ints("pads", 1, 1));
        s.Check(y, "[n, 3, floor((h + 1)/2)]");
    }

    [Theory]
    [InlineData("MaxPool", 2, 2, 0, "[n, 3, floor((h + 1)/2)]")]
    [InlineData("MaxPool", 3, 2, 0, "[n, 3, floor(h/2)]")]
    [InlineData("AveragePool", 3, 2, 1, "[n, 3, floor(h/2) + 1]")]
    [InlineData("MaxPool", 1, 3, 0, "[n, 3, floor((h + 2)/3)]")]
    public void Pooling_rounded_up(string opType, long kernel, long stride, long pad, string expected)
    {
        Scenario s = new Scenario().Sizes("h", 4, 5, 6, 7, 8, 9);
        Value y = s.Apply(opType, [s.Input("n", 3, "h")], Ints("kernel_shape", kernel), Ints("strides", stride), Ints("pads", pad, pad), Int("ceil_mode", 1));
        s.Check(y, expected);
    }

    [Fact]
    public void Indices_of_maxima()
    {
        Scenario s = new Scenario().Sizes("h", 4, 6);
        Value[] y = s.ApplyMany("MaxPool", 2, [s.Input("n", 3, "h", "h")], Ints("kernel_shape", 2, 2), Ints("strides", 2, 2));
        Value back = s.Apply("MaxUnpool", [y[0], y[1]], Ints("kernel_shape", 2, 2), Ints("strides", 2, 2));
        s.Check((y[0], ElementType.Float, "[n, 3, floor(h/2), floor(h/2)]"), (y[1], ElementType.Int64, "[n, 3, floor(h/2), floor(h/2)]"), (back, ElementType.Float, "[n, 3, 2*floor(h/2), 2*floor(h/2)]"));
    }

    [Fact]
    public void Pooling_over_everything()
    {
        var s = new Scenario();
        s.Check(s.Apply("GlobalAveragePool", [s.Input("n", 3, "h", "w")]), "[n, 3, 1, 1]");
    }

    [Fact]
    public void Pooling_of_regions()
    {
        var s = new Scenario();
        Value y = s.Apply(
            "RoiAlign",
            [s.Input(1, 3, 8, 8), s.Input("rois", 4), s.Apply("Sub", [s.Apply("Shape", [s.Input("rois")]), s.Apply("Shape", [s.Input("rois")])])],
            Int("output_height", 5), Int("output_width", 6));
        ShapeInference.Run(s.Model());
        Assert.Equal("[rois, 3, 5, 6]", y.Shape!.ToString());
    }
}
