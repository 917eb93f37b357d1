using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>Inputs that are not what was promised of them are refused before native code sees them.</summary>
public sealed class PromiseTests
{
    private const string Members = """
        public static void Owned(byte[] model, nint rows, long[] mask, long[] positions, nint past)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            using Masked.Outputs result = masked.Run(Of(mask, rows), Of(positions, rows), new ReadOnlyTensorSpan<float>(new float[rows * past], [rows, 1, past, 1]));
        }

        public static void Async(byte[] model, nint rows, long[] mask, long[] positions, nint past)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            using Masked.Outputs result = masked.RunAsync(
                new TensorMemory<long>(mask, [rows, mask.Length / rows]), new TensorMemory<long>(positions, [rows, positions.Length / rows]),
                new TensorMemory<float>(new float[rows * past], [rows, 1, past, 1])).GetAwaiter().GetResult();
        }

        public static long Bound(byte[] model, nint rows, long[] mask, long[] positions, nint past)
        {
            using var masked = Masked.Load(new System.IO.MemoryStream(model));
            float[] before = new float[rows * past];
            long[] ones = new long[rows];
            long allocated = 0;
            for (int i = 0; i < 60; i++)
            {
                if (i == 30)
                    allocated = GC.GetAllocatedBytesForCurrentThread();
                masked.Run(Of(mask, rows), Of(positions, rows), new ReadOnlyTensorSpan<float>(before, [rows, 1, past, 1]), new TensorSpan<long>(ones, [rows]));
            }

            return GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        private static ReadOnlyTensorSpan<long> Of(long[] values, nint rows) => new(values, [rows, values.Length / rows]);
        """;

    private static readonly byte[] s_model = SmallModels.Of(graph =>
    {
        Value mask = graph.AddInput("attention_mask", Integers("batch", "total"));
        graph.AddInput("position_ids", Integers("batch", "sequence"));
        graph.AddInput("past_key", new TensorType(Onnx.ElementType.Float, new Shape(Dimension.OfSymbol("batch"), Dimension.Of(1), Dimension.OfSymbol("past"), Dimension.Of(1))));
        Value ones = graph.Apply("ReduceSum", [mask, graph.AddInitializer("axes", Onnx.Tensor.OfInt64(1))], "ones", [new IntAttribute("keepdims", 0)]);
        ones.Type = Integers("batch");
        graph.AddOutput(ones);
    });

    private static readonly CompiledClass s_caller = CompiledClass.Compile(
        new Signature
        {
            Inputs = [Value("attention_mask", "batch", "total"), Value("position_ids", "batch", "sequence"), new() { Name = "past_key", Type = Tensor(Manifest.ElementType.Float, "batch", 1, "past", 1) }],
            Outputs = [Value("ones", "batch")],
            Contracts = [new("attention_mask", InputContract.RightPadded), new("position_ids", InputContract.Consecutive)],
        },
        new ClassOptions { ClassName = "Masked", Namespace = "App", TargetPath = "masked.onnx" },
        Members);

    public static TheoryData<int, long[], long[], int, string, string> Broken => new()
    {
        { 1, [0, 1, 1], [0, 1, 2], 0, "attentionMask", "attention_mask: row 0 has 0 at 0; the build was promised that it is right-padded: ones, then zeros" },
        { 2, [1, 1, 1, 1, 0, 1], [0, 1, 2, 0, 1, 2], 0, "attentionMask", "attention_mask: row 1 has 1 at 2 behind a 0; the build was promised that it is right-padded: ones, then zeros" },
        { 2, [1, 1, 0, 0], [0, 1, 0, 1], 0, "attentionMask", "attention_mask: row 1 has 0 at 0;" },
        { 1, [1, 2, 0], [0, 1, 2], 0, "attentionMask", "attention_mask: row 0 has 2 at 1;" },
        { 1, [1, 1, 1, 0], [3], 3, "attentionMask", "attention_mask: row 0 has 0 at 3; the build was promised that it is right-padded: ones alone behind a past, which is 3 long here" },
        { 2, [1, 1, 1, 1, 1, 1], [1, 2, 1, 2], 1, "attentionMask", "attention_mask: 2 rows take 2 tokens each behind a past of 1, where several rows take one;" },
        { 2, [1, 1, 1, 0], [0, 1, 1, 2], 0, "positionIds", "position_ids: row 1 has 1 at 0, not 0; the build was promised that it is consecutive: counting up by one from 0, the length of the past" },
        { 1, [1, 1, 1], [0, 2, 3], 0, "positionIds", "position_ids: row 0 has 2 at 1, not 1;" },
        { 1, [1, 1, 1, 1], [0], 3, "positionIds", "position_ids: row 0 has 0 at 0, not 3; the build was promised that it is consecutive: counting up by one from 3, the length of the past" },
    };

    public static TheoryData<int, long[], long[], int> Kept => new()
    {
        { 1, [1], [0], 0 },
        { 2, [1, 1, 1, 1, 0, 0], [0, 1, 2, 0, 1, 2], 0 },
        { 2, [1, 1, 1, 1, 1, 1, 1, 1], [3, 3], 3 },
        { 1, [1, 1, 1, 1, 1], [3, 4], 3 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_promise_is_named(int rows, long[] mask, long[] positions, int past, string parameter, string message)
    {
        foreach (string method in new[] { "Owned", "Async", "Bound" })
        {
            var exception = Assert.Throws<ArgumentException>(() => s_caller.Call<object>(method, s_model, (nint)rows, mask, positions, (nint)past));

            Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            Assert.Equal(parameter, exception.ParamName);
        }
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_kept_promise_runs_and_allocates_nothing(int rows, long[] mask, long[] positions, int past)
    {
        s_caller.Call<object>("Owned", s_model, (nint)rows, mask, positions, (nint)past);
        s_caller.Call<object>("Async", s_model, (nint)rows, mask, positions, (nint)past);

        // The runtime itself may allocate on the caller's thread once in a while, when it replaces code by faster code.
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => s_caller.Call<long>("Bound", s_model, (nint)rows, mask, positions, (nint)past)));
    }

    [Fact]
    public void Documentation_says_what_was_promised()
    {
        string text = ClassGenerator.Generate(
            new Signature { Inputs = [Value("mask", "batch", "total")], Outputs = [Value("ones", "batch")], Contracts = [new("mask", InputContract.RightPadded)] },
            new ClassOptions { ClassName = "Masked", TargetPath = "masked.onnx" });

        Assert.Contains("<c>mask</c>: <c>int64[batch,total]</c>. Must be right-padded.</param>", text, StringComparison.Ordinal);
        Assert.Contains("A shape is wrong, or an input is not what the build was promised.", text, StringComparison.Ordinal);
        Assert.Contains("Promises = [(0, \"right-padded\")],\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Past =", text, StringComparison.Ordinal);
    }

    private static TensorType Integers(params string[] symbols) => new(Onnx.ElementType.Int64, new Shape(symbols.Select(Dimension.OfSymbol)));

    private static ValueSignature Value(string name, params DimensionSignature[] dimensions) => new() { Name = name, Type = Tensor(Manifest.ElementType.Int64, dimensions) };

    private static TensorSignature Tensor(Manifest.ElementType type, params DimensionSignature[] dimensions) => new() { ElementType = type, Dimensions = [.. dimensions] };
}
