using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>Every type of value goes through a generated class and comes back.</summary>
public sealed class ElementTypeTests
{
    private static readonly ClassOptions s_options = new() { ClassName = "Small", Namespace = "App", TargetPath = "small.onnx" };

    private static ValueSignature Tensor(string name, ElementType type, params DimensionSignature[] dimensions) =>
        new() { Name = name, Type = new TensorSignature { ElementType = (Manifest.ElementType)type, Dimensions = [.. dimensions] } };

    private static Signature Signature(ValueSignature input, ValueSignature output) => new() { Inputs = [input], Outputs = [output] };

    [Theory]
    [InlineData(ElementType.Float, "float", "1.5f, -2f, 3f")]
    [InlineData(ElementType.Double, "double", "1.5, -2, double.MaxValue")]
    [InlineData(ElementType.Float16, "Half", "(Half)1.5f, (Half)(-2f), Half.MaxValue")]
    [InlineData(ElementType.BFloat16, "Microsoft.ML.OnnxRuntime.BFloat16", "(Microsoft.ML.OnnxRuntime.BFloat16)1.5f, Microsoft.ML.OnnxRuntime.BFloat16.MaxValue, default")]
    [InlineData(ElementType.Int8, "sbyte", "1, -2, sbyte.MaxValue")]
    [InlineData(ElementType.UInt8, "byte", "1, 2, byte.MaxValue")]
    [InlineData(ElementType.Int16, "short", "1, -2, short.MaxValue")]
    [InlineData(ElementType.UInt16, "ushort", "1, 2, ushort.MaxValue")]
    [InlineData(ElementType.Int32, "int", "1, -2, int.MaxValue")]
    [InlineData(ElementType.UInt32, "uint", "1, 2, uint.MaxValue")]
    [InlineData(ElementType.Int64, "long", "1, -2, long.MaxValue")]
    [InlineData(ElementType.UInt64, "ulong", "1, 2, ulong.MaxValue")]
    [InlineData(ElementType.Bool, "bool", "true, false, true")]
    public void Numbers_pass_as_tensors_and_as_scalars(ElementType type, string name, string values)
    {
        CompiledClass tensors = CompiledClass.Compile(Signature(Tensor("x", type, "n"), Tensor("y", type, "n")), s_options, $$"""
            public static async Task<bool> Run(byte[] model)
            {
                {{name}}[] x = [{{values}}];
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs later = await small.RunAsync(x);
                return Check(small, x) && Same(later.Y, x);
            }

            private static bool Check(Small small, {{name}}[] x)
            {
                {{name}}[] y = new {{name}}[3];
                small.Run(x, y);
                using Small.Outputs result = small.Run(x);
                return y.SequenceEqual(x) && Same(result.Y, x);
            }

            private static bool Same(ReadOnlyTensorSpan<{{name}}> y, {{name}}[] x)
            {
                {{name}}[] flat = new {{name}}[y.FlattenedLength];
                y.FlattenTo(flat);
                return flat.SequenceEqual(x);
            }
            """);
        CompiledClass scalars = CompiledClass.Compile(Signature(Tensor("x", type), Tensor("y", type)), s_options, $$"""
            public static async Task<bool> Run(byte[] model)
            {
                {{name}}[] x = [{{values}}];
                using var small = Small.Load(new System.IO.MemoryStream(model));
                small.Run(x[0], out {{name}} y);
                using Small.Outputs result = small.Run(x[1]);
                using Small.Outputs later = await small.RunAsync(x[2]);
                return y.Equals(x[0]) && result.Y.Equals(x[1]) && later.Y.Equals(x[2]);
            }
            """);

        Assert.True(tensors.Call<Task<bool>>("Run", SmallModels.Identity(new TensorType(type, new Shape(Dimension.OfSymbol("n"))))).GetAwaiter().GetResult());
        Assert.True(scalars.Call<Task<bool>>("Run", SmallModels.Identity(new TensorType(type, Shape.Scalar))).GetAwaiter().GetResult());
    }

    [Fact]
    public void Strings_pass_as_tensors_and_as_scalars()
    {
        CompiledClass tensors = CompiledClass.Compile(Signature(Tensor("x", ElementType.String, "n", 2), Tensor("y", ElementType.String, "n", 2)), s_options, """
            public static string[] Run(byte[] model, string[] x)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs result = small.Run(new ReadOnlyTensorSpan<string>(x, [x.Length / 2, 2]));
                string[] y = new string[result.Y.FlattenedLength];
                result.Y.FlattenTo(y);
                return y;
            }
            """);
        CompiledClass scalars = CompiledClass.Compile(Signature(Tensor("x", ElementType.String), Tensor("y", ElementType.String)), s_options, """
            public static string Run(byte[] model, string x)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs result = small.Run(x);
                return result.Y;
            }
            """);
        byte[] model = SmallModels.Identity(new TensorType(ElementType.String, new Shape(Dimension.OfSymbol("n"), Dimension.Of(2))));

        Assert.Equal(["", "größe", "入力 😀", "b"], tensors.Call<string[]>("Run", model, new[] { "", "größe", "入力 😀", "b" }));
        Assert.Equal("größe", scalars.Call<string>("Run", SmallModels.Identity(new TensorType(ElementType.String, Shape.Scalar)), "größe"));
    }

    [Fact]
    public void A_sequence_of_tensors_comes_as_a_list()
    {
        byte[] model = SmallModels.Of(graph =>
        {
            Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"))));
            Value parts = graph.Apply("SplitToSequence", [x, graph.AddInitializer("size", Onnx.Tensor.Create<long>(ElementType.Int64, [], [2]))], "parts");
            parts.Type = new SequenceType(new TensorType(ElementType.Float));
            graph.AddOutput(parts);
        });
        Signature signature = Signature(Tensor("x", ElementType.Float, "n"), new() { Name = "parts", Type = new SequenceSignature { Element = new TensorSignature { ElementType = Manifest.ElementType.Float } } });
        CompiledClass caller = CompiledClass.Compile(signature, s_options, """
            public static string Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs result = small.Run(new float[] { 1, 2, 3 });
                return string.Join(";", result.Parts.Select(part => string.Join(",", part)));
            }
            """);

        Assert.Equal("1,2;3", caller.Call<string>("Run", model));
    }

    [Fact]
    public void A_sequence_of_maps_comes_as_a_list_of_dictionaries()
    {
        byte[] model = SmallModels.Of(graph =>
        {
            Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"), Dimension.Of(2))));
            Value maps = graph.Apply("ZipMap", [x], "maps", [new StringsAttribute("classlabels_strings", ["cat"u8.ToArray(), "dog"u8.ToArray()])], "ai.onnx.ml");
            maps.Type = new SequenceType(new MapType(ElementType.String, new TensorType(ElementType.Float, Shape.Scalar)));
            graph.AddOutput(maps);
        }, machineLearningOpset: 1);
        var map = new MapSignature { Key = Manifest.ElementType.String, Value = new TensorSignature { ElementType = Manifest.ElementType.Float } };
        CompiledClass caller = CompiledClass.Compile(Signature(Tensor("x", ElementType.Float, "n", 2), new() { Name = "maps", Type = new SequenceSignature { Element = map } }), s_options, """
            public static float Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs result = small.Run(new ReadOnlyTensorSpan<float>(new float[] { 1, 2, 3, 4 }, [2, 2]));
                return result.Maps[1]["dog"] * 10 + result.Maps[0]["cat"];
            }
            """);

        Assert.Equal(41, caller.Call<float>("Run", model));
    }

    [Fact]
    public void What_has_no_type_in_CSharp_passes_as_OrtValue()
    {
        var type = new SequenceType(new TensorType(ElementType.Int64));
        var signature = new SequenceSignature { Element = new TensorSignature { ElementType = Manifest.ElementType.Int64 } };
        CompiledClass caller = CompiledClass.Compile(Signature(new() { Name = "x", Type = signature }, new() { Name = "y", Type = new OptionalSignature { Element = signature } }), s_options, """
            public static int Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using OrtValue one = OrtValue.CreateTensorValueFromMemory(new long[] { 7 }, [1]);
                using OrtValue two = OrtValue.CreateTensorValueFromMemory(new long[] { 8, 9 }, [2]);
                using OrtValue x = OrtValue.CreateSequence(new System.Collections.Generic.List<OrtValue> { one, two });
                using Small.Outputs result = small.Run(x);
                return result.Y.GetValueCount();
            }
            """);

        Assert.Equal(2, caller.Call<int>("Run", SmallModels.Identity(type)));
    }

    [Fact]
    public void Overridable_initializers_may_be_left_out()
    {
        byte[] model = SmallModels.Of(graph =>
        {
            var type = new TensorType(ElementType.Float, new Shape(Dimension.Of(2)));
            Value x = graph.AddInput("x", type);
            Value offset = graph.AddInput("offset", type);
            graph.SetInitializer(offset, Onnx.Tensor.Create<float>(ElementType.Float, [2], [10, 20]));
            Value scale = graph.AddInput("scale", new TensorType(ElementType.Float, Shape.Scalar));
            graph.SetInitializer(scale, Onnx.Tensor.OfFloat(2));
            Value y = graph.Apply("Add", [graph.Apply("Mul", [x, scale], "scaled"), offset], "y");
            y.Type = type;
            graph.AddOutput(y);
        });
        Signature signature = new()
        {
            Inputs = [Tensor("x", ElementType.Float, 2), Tensor("offset", ElementType.Float, 2) with { HasDefault = true }, Tensor("scale", ElementType.Float) with { HasDefault = true }],
            Outputs = [Tensor("y", ElementType.Float, 2)],
        };
        CompiledClass caller = CompiledClass.Compile(signature, s_options, """
            public static string Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                float[] x = [1, 2];
                float[] offset = [0, 1];
                float[] y = new float[2];
                string text = "";
                small.Run(x, y);
                text += string.Join(",", y) + ";";
                small.Run(x, y, scale: 3);
                text += string.Join(",", y) + ";";
                small.Run(x, y, offset, 0);
                text += string.Join(",", y) + ";";
                using Small.Outputs result = small.Run(x, offset: offset);
                result.Y.FlattenTo(y);
                return text + string.Join(",", y) + ";";
            }
            """);

        Assert.Equal("12,24;13,26;0,1;2,5;", caller.Call<string>("Run", model));
    }

    [Fact]
    public void A_tensor_of_any_rank_passes()
    {
        var any = new TensorSignature { ElementType = Manifest.ElementType.Float };
        CompiledClass caller = CompiledClass.Compile(Signature(new() { Name = "x", Type = any }, new() { Name = "y", Type = any }), s_options, """
            public static int Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                using Small.Outputs one = small.Run(new float[] { 1, 2 });
                using Small.Outputs three = small.Run(new ReadOnlyTensorSpan<float>(new float[8], [2, 2, 2]));
                return one.Y.Rank * 10 + three.Y.Rank;
            }
            """);

        Assert.Equal(13, caller.Call<int>("Run", SmallModels.Identity(new TensorType(ElementType.Float))));
    }

    [Fact]
    public void Tensors_with_gaps_and_empty_tensors_pass()
    {
        CompiledClass caller = CompiledClass.Compile(Signature(Tensor("x", ElementType.Float, "n", "m"), Tensor("y", ElementType.Float, "n", "m")), s_options, """
            public static string Run(byte[] model)
            {
                using var small = Small.Load(new System.IO.MemoryStream(model));
                float[] x = Enumerable.Range(0, 12).Select(i => (float)i).ToArray();
                float[] y = new float[12];
                // Columns 1 and 2 of three rows of four.
                ReadOnlyTensorSpan<float> columns = new ReadOnlyTensorSpan<float>(x, [3, 4]).Slice([0..3, 1..3]);
                small.Run(columns, new TensorSpan<float>(y, [3, 4]).Slice([0..3, 1..3]));
                using Small.Outputs result = small.Run(columns);
                float[] dense = new float[6];
                result.Y.FlattenTo(dense);
                using Small.Outputs none = small.Run(new ReadOnlyTensorSpan<float>(new float[0], [0, 4]));
                small.Run(new ReadOnlyTensorSpan<float>(new float[0], [0, 4]), new TensorSpan<float>(new float[0], [0, 4]));
                return string.Join(",", y) + ";" + string.Join(",", dense) + ";" + none.Y.FlattenedLength;
            }
            """);

        Assert.Equal("0,1,2,0,0,5,6,0,0,9,10,0;1,2,5,6,9,10;0", caller.Call<string>("Run", SmallModels.Identity(new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"), Dimension.OfSymbol("m"))))));
    }
}
