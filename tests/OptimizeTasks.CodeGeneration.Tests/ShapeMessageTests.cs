using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Manifest.ElementType;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>Wrong shapes are named before native code sees them.</summary>
public sealed class ShapeMessageTests
{
    private static readonly byte[] s_model = SmallModels.Of(graph =>
    {
        var symbols = new Shape(Dimension.OfSymbol("batch"), Dimension.OfSymbol("sequence"));
        Value ids = graph.AddInput("ids", new TensorType(Onnx.ElementType.Float, symbols));
        Value mask = graph.AddInput("mask", new TensorType(Onnx.ElementType.Float, symbols));
        Value scale = graph.AddInput("scale", new TensorType(Onnx.ElementType.Float, new Shape(Dimension.Of(1), Dimension.Of(1))));
        Value y = graph.Apply("Mul", [graph.Apply("Add", [ids, mask], "sum"), scale], "y");
        y.Type = new TensorType(Onnx.ElementType.Float, symbols);
        graph.AddOutput(y);
    });

    private static readonly CompiledClass s_caller = CompiledClass.Compile(
        new Signature
        {
            Inputs = [Tensor("ids", "batch", "sequence"), Tensor("mask", "batch", "sequence"), Tensor("scale", 1, 1)],
            Outputs = [Tensor("y", "batch", "sequence")],
        },
        new ClassOptions { ClassName = "Masked", Namespace = "App", TargetPath = "masked.onnx" },
        """
        public static void Owned(byte[] model, nint[] ids, nint[] mask, nint[] scale)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            using Masked.Outputs result = masked.Run(Of(ids), Of(mask), Of(scale));
        }

        public static void Bound(byte[] model, nint[] ids, nint[] mask, nint[] scale, nint[] y)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            masked.Run(Of(ids), Of(mask), Of(scale), Of(y));
        }

        public static void Async(byte[] model, nint[] ids, nint[] mask, nint[] scale)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            using Masked.Outputs result = masked.RunAsync(Memory(ids), Memory(mask), Memory(scale)).GetAwaiter().GetResult();
        }

        private static TensorSpan<float> Of(nint[] shape) => new(new float[TensorPrimitives.Product<nint>(shape)], shape);

        private static TensorMemory<float> Memory(nint[] shape) => new(new float[TensorPrimitives.Product<nint>(shape)], shape);
        """);

    private static ValueSignature Tensor(string name, params DimensionSignature[] dimensions) =>
        new() { Name = name, Type = new TensorSignature { ElementType = ElementType.Float, Dimensions = [.. dimensions] } };

    [Theory]
    [InlineData(new[] { 2, 3 }, new[] { 2, 4 }, new[] { 1, 1 }, "mask", "mask: dimension 1 (sequence) is 4, expected 3 as in ids; the model takes float[batch,sequence]")]
    [InlineData(new[] { 2, 3 }, new[] { 6 }, new[] { 1, 1 }, "mask", "mask has 1 dimensions [6], expected float[batch,sequence]")]
    [InlineData(new[] { 2, 3 }, new[] { 2, 3 }, new[] { 1, 2 }, "scale", "scale: dimension 1 is 2, expected 1; the model takes float[1,1]")]
    public void Wrong_inputs_are_named(int[] ids, int[] mask, int[] scale, string parameter, string message)
    {
        foreach (string method in new[] { "Owned", "Async" })
        {
            var exception = Assert.Throws<ArgumentException>(() => s_caller.Call<object>(method, s_model, Sizes(ids), Sizes(mask), Sizes(scale)));

            Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            Assert.Equal(parameter, exception.ParamName);
        }

        var bound = Assert.Throws<ArgumentException>(() => s_caller.Call<object>("Bound", s_model, Sizes(ids), Sizes(mask), Sizes(scale), Sizes(ids)));
        Assert.StartsWith(message, bound.Message, StringComparison.Ordinal);
        Assert.Equal(parameter, bound.ParamName);
    }

    [Fact]
    public void Wrong_destinations_are_named()
    {
        var exception = Assert.Throws<ArgumentException>(() => s_caller.Call<object>("Bound", s_model, Sizes([2, 3]), Sizes([2, 3]), Sizes([1, 1]), Sizes([2, 5])));

        Assert.StartsWith("y: dimension 1 (sequence) is 5, expected 3 as in ids; the model takes float[batch,sequence]", exception.Message, StringComparison.Ordinal);
        Assert.Equal("yDestination", exception.ParamName);
    }

    [Fact]
    public void Right_shapes_run()
    {
        s_caller.Call<object>("Owned", s_model, Sizes([2, 3]), Sizes([2, 3]), Sizes([1, 1]));
        s_caller.Call<object>("Async", s_model, Sizes([2, 3]), Sizes([2, 3]), Sizes([1, 1]));
        s_caller.Call<object>("Bound", s_model, Sizes([2, 3]), Sizes([2, 3]), Sizes([1, 1]), Sizes([2, 3]));
    }

    private static nint[] Sizes(int[] sizes) => Array.ConvertAll(sizes, size => (nint)size);
}
