using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Quantization;

public class WeightTests
{
    private static readonly int[] s_sizes = [1, 2, 15, 16, 17, 31, 33, 64, 100, 129];

    public static TheoryData<int, int, bool, bool> BlockFormats()
    {
        var data = new TheoryData<int, int, bool, bool>();
        foreach (int bits in new[] { 4, 8 })
        {
            foreach (int size in new[] { 16, 32, 64, 128 })
            {
                foreach (bool isSymmetric in new[] { true, false })
                {
                    data.Add(bits, size, isSymmetric, true);
                    data.Add(bits, size, isSymmetric, false);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BlockFormats))]
    public void Blocks_are_as_defined(int bits, int size, bool isSymmetric, bool isInnerSummed)
    {
        var format = new BlockFormat(bits, size, isSymmetric);
        foreach ((int rows, int columns) in Shapes())
        {
            float[,] weight = Draw(rows, columns);
            var (codes, scales, zeroPoints) = ScalarDefinition.Blocks(weight, bits, size, isSymmetric);
            var computed = new BlockwiseWeights(Matrix(weight, isInnerSummed), isInnerSummed, format);
            string shape = $"{rows}×{columns}";
            Assert.True(ScalarDefinition.Pack(codes, bits, size).AsSpan().SequenceEqual(computed.Outputs[0].ReadAll().Span), shape);
            Assert.True(MemoryMarshal.AsBytes<float>(scales).SequenceEqual(computed.Outputs[1].ReadAll().Span), shape);
            Assert.Equal(isSymmetric ? 2 : 3, computed.Outputs.Length);
            if (!isSymmetric)
                Assert.True(ScalarDefinition.Pack(zeroPoints, bits, format.Blocks(rows)).AsSpan().SequenceEqual(computed.Outputs[2].ReadAll().Span), shape);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_stripes_give_what_one_gives(bool isInnerSummed)
    {
        float[,] weight = Draw(40, 4500);
        var (codes, scales, _) = ScalarDefinition.Blocks(weight, 4, 32, true);
        var computed = new BlockwiseWeights(Matrix(weight, isInnerSummed), isInnerSummed, new BlockFormat(4, 32, true));
        Assert.True(computed.PieceCount > 1);
        Assert.True(ScalarDefinition.Pack(codes, 4, 32).AsSpan().SequenceEqual(computed.Outputs[0].ReadAll().Span));
        Assert.True(MemoryMarshal.AsBytes<float>(scales).SequenceEqual(computed.Outputs[1].ReadAll().Span));
    }

    [Fact]
    public void Columns_and_rows_are_as_defined()
    {
        foreach ((int rows, int columns) in Shapes().Append((70, 4500)))
        {
            float[,] weight = Draw(rows, columns);
            (sbyte[,] codes, float[] scales) = ScalarDefinition.Columns(weight);
            var columnwise = new ColumnwiseWeights(Matrix(weight, isTransposed: false));
            var rowwise = new RowwiseWeights(Matrix(weight, isTransposed: true), columns, isTransposed: false);
            var transposed = new RowwiseWeights(Matrix(weight, isTransposed: true), columns, isTransposed: true);
            Assert.All([columnwise, rowwise, (TensorComputation)transposed], c => Assert.True(MemoryMarshal.AsBytes<float>(scales).SequenceEqual(c.Outputs[1].ReadAll().Span)));
            Assert.Equal(Flat(codes, false), Bytes(columnwise.Outputs[0]));
            Assert.Equal(Flat(codes, true), Bytes(rowwise.Outputs[0]));
            Assert.Equal(Flat(codes, false), Bytes(transposed.Outputs[0]));
        }
    }

    [Fact]
    public void Matrices_behind_each_other_are_transposed_one_by_one()
    {
        float[,] weight = Draw(20, 30);
        var together = new RowwiseWeights(Matrix(weight, isTransposed: true), 10, isTransposed: true);
        (sbyte[,] codes, float[] scales) = ScalarDefinition.Columns(weight);
        sbyte[] expected = [.. from matrix in Enumerable.Range(0, 3) from row in Enumerable.Range(0, 20) from column in Enumerable.Range(0, 10) select codes[row, (matrix * 10) + column]];
        Assert.Equal(expected, Bytes(together.Outputs[0]));
        Assert.Equal(scales, MemoryMarshal.Cast<byte, float>(together.Outputs[1].ReadAll().Span).ToArray());
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Every_element_of_16_bits_is_widened(ElementType type)
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        var floats = new float[all.Length];
        FloatConversion.Widen(type, all, floats);
        for (int i = 0; i < all.Length; i++)
        {
            float expected = type == ElementType.Float16 ? (float)BitConverter.UInt16BitsToHalf(all[i]) : BitConverter.UInt32BitsToSingle((uint)i << 16);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(floats[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(floats[i]), $"{i:x}");
        }
    }

    [Fact]
    public void Weights_of_16_bits_are_quantised_as_their_values()
    {
        float[,] weight = Draw(65, 19);
        Half[] halves = Array.ConvertAll(Flat(weight, false), x => (Half)x);
        var single = new ColumnwiseWeights(Matrix(Tensor.Create(ElementType.Float, [65, 19], Array.ConvertAll(halves, x => (float)x))));
        var half = new ColumnwiseWeights(Matrix(Tensor.Create<Half>(ElementType.Float16, [65, 19], halves)));
        Assert.Equal(Bytes(single.Outputs[0]), Bytes(half.Outputs[0]));
        var blocks = new BlockwiseWeights(Matrix(Tensor.Create<Half>(ElementType.Float16, [65, 19], halves)), false, new BlockFormat(8, 32, true));
        Assert.Equal(19 * 3 * 2, blocks.Outputs[1].Length);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Numbers_that_are_not_finite_are_refused(float number)
    {
        float[,] weight = Draw(50, 40);
        weight[37, 39] = number;
        TensorComputation[] computations =
        [
            new BlockwiseWeights(Matrix(weight, false), false, new BlockFormat(4, 32, true)),
            new BlockwiseWeights(Matrix(weight, true), true, new BlockFormat(8, 32, false)),
            new ColumnwiseWeights(Matrix(weight, false)),
            new RowwiseWeights(Matrix(weight, true), 40, isTransposed: true),
        ];
        Assert.All(computations, c => Assert.Equal("OPT3001", Assert.Throws<CompilationException>(() => c.Outputs[0].ReadAll()).Diagnostic.Code));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-42f)]
    public void Zeros_and_what_is_nearly_zero_become_zero(float number)
    {
        var weight = new float[64, 16];
        for (int i = 0; i < weight.Length; i++)
            weight[i % 64, i / 64] = number;
        foreach (bool isSymmetric in new[] { true, false })
        {
            var blocks = new BlockwiseWeights(Matrix(weight, false), false, new BlockFormat(4, 32, isSymmetric));
            Assert.All(MemoryMarshal.Cast<byte, float>(blocks.Outputs[1].ReadAll().Span).ToArray(), scale => Assert.Equal(0, scale));
            Assert.All(blocks.Outputs[0].ReadAll().ToArray(), code => Assert.Equal(0x88, code));
        }

        var columns = new ColumnwiseWeights(Matrix(weight, false));
        Assert.All(Bytes(columns.Outputs[0]), code => Assert.Equal(0, code));
        Assert.All(MemoryMarshal.Cast<byte, float>(columns.Outputs[1].ReadAll().Span).ToArray(), scale => Assert.Equal(1, scale));
    }

    [Fact]
    public void The_largest_numbers_do_not_overflow()
    {
        float[,] weight = { { float.MaxValue, 1 }, { float.MinValue, -1 } };
        foreach (bool isSymmetric in new[] { true, false })
        {
            var blocks = new BlockwiseWeights(Matrix(weight, false), false, new BlockFormat(4, 16, isSymmetric));
            Assert.All(MemoryMarshal.Cast<byte, float>(blocks.Outputs[1].ReadAll().Span).ToArray(), scale => Assert.True(float.IsFinite(scale)));
        }
    }

    /// <summary>What ONNX Runtime's kernel makes of the codes is the weights, within half a step, plus what clipping the highest code costs.</summary>
    [Theory]
    [MemberData(nameof(BlockFormats))]
    public void OnnxRuntime_reads_the_blocks(int bits, int size, bool isSymmetric, bool isInnerSummed)
    {
        foreach ((int rows, int columns) in new[] { (33, 7), (64, 16), (100, 33), (129, 5) })
        {
            float[,] weight = Draw(rows, columns);
            var format = new BlockFormat(bits, size, isSymmetric);
            var computed = new BlockwiseWeights(Matrix(weight, isInnerSummed), isInnerSummed, format);
            int blocks = format.Blocks(rows);
            Tensor identity = Identity(rows);
            Model model = Rule.Model(21, g =>
            {
                List<Value?> inputs =
                [
                    g.Input(rows, rows),
                    g.AddInitializer("codes", new Tensor(ElementType.UInt8, [columns, blocks, format.BlockBytes], computed.Outputs[0])),
                    g.AddInitializer("scales", new Tensor(ElementType.Float, [columns * blocks], computed.Outputs[1])),
                ];
                if (!isSymmetric)
                    inputs.Add(g.AddInitializer("zeros", new Tensor(ElementType.UInt8, [columns * format.ZeroPointBytes(blocks)], computed.Outputs[2])));
                return g.Apply("MatMulNBits", inputs, "y", [Rule.Int("K", rows), Rule.Int("N", columns), Rule.Int("bits", bits), Rule.Int("block_size", size)], "com.microsoft");
            });
            model.Opsets["com.microsoft"] = 1;
            float[] read = Agreement.Run(model, new Dictionary<string, Tensor> { ["x"] = identity })["y"].Read<float>().ToArray();
            float[] scales = MemoryMarshal.Cast<byte, float>(computed.Outputs[1].ReadAll().Span).ToArray();
            for (int i = 0; i < read.Length; i++)
            {
                float step = Math.Abs(scales[(i % columns * blocks) + (i / columns / size)]);
                Assert.InRange(Math.Abs(read[i] - weight[i / columns, i % columns]), 0, (isSymmetric ? 1.01f : 0.51f) * step + 1e-6f);
            }
        }
    }

    [Fact]
    public void OnnxRuntime_reads_columns_and_rows()
    {
        float[,] weight = Draw(100, 33);
        var columns = new ColumnwiseWeights(Matrix(weight, false));
        var rows = new RowwiseWeights(Matrix(weight, true), 33, isTransposed: false);
        foreach ((TensorComputation computed, int axis, long[] sizes) in new (TensorComputation, int, long[])[] { (columns, 1, [100, 33]), (rows, 0, [33, 100]) })
        {
            Model model = Rule.Model(21, g => g.Apply("Add", [g.Scalar(0), g.Apply("DequantizeLinear",
                [g.AddInitializer("codes", new Tensor(ElementType.Int8, sizes, computed.Outputs[0])), g.AddInitializer("scales", new Tensor(ElementType.Float, [33], computed.Outputs[1]))],
                "w", [Rule.Int("axis", axis)])], "y"));
            float[] read = Agreement.Run(model, new Dictionary<string, Tensor>())["y"].Read<float>().ToArray();
            float[] expected = Flat(weight, axis == 0);
            float[] scales = MemoryMarshal.Cast<byte, float>(computed.Outputs[1].ReadAll().Span).ToArray();
            for (int i = 0; i < read.Length; i++)
                Assert.InRange(Math.Abs(read[i] - expected[i]), 0, 0.51f * scales[axis == 0 ? i / 100 : i % 33]);
        }
    }

    [Fact]
    public void Equal_sources_and_formats_are_equal()
    {
        float[,] weight = Draw(32, 8);
        WeightMatrix matrix = Matrix(weight, false);
        Assert.Equal(new BlockwiseWeights(matrix, false, new BlockFormat(4, 32, true)), new BlockwiseWeights(matrix, false, new BlockFormat(4, 32, true)));
        Assert.NotEqual(new BlockwiseWeights(matrix, false, new BlockFormat(4, 32, true)), new BlockwiseWeights(matrix, false, new BlockFormat(4, 16, true)));
        Assert.NotEqual(new BlockwiseWeights(matrix, false, new BlockFormat(4, 32, true)), new BlockwiseWeights(Matrix(weight, false), false, new BlockFormat(4, 32, true)));
        Assert.NotEqual<TensorComputation>(new ColumnwiseWeights(matrix), new RowwiseWeights(matrix, 32, false));
    }

    private static IEnumerable<(int Rows, int Columns)> Shapes() => s_sizes.Select((size, i) => (size, s_sizes[(i * 3) % s_sizes.Length]));

    private static float[,] Draw(int rows, int columns)
    {
        var random = new Random((rows * 1000) + columns);
        var weight = new float[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            // Heavy tails, some ties, and now and then a zero.
            for (int column = 0; column < columns; column++)
                weight[row, column] = random.Next(10) == 0 ? random.Next(-8, 8) / 4f : MathF.Pow((random.NextSingle() * 2) - 1, 3);
        }

        return weight;
    }

    private static T[] Flat<T>(T[,] matrix, bool isTransposed) => isTransposed
        ? [.. from column in Enumerable.Range(0, matrix.GetLength(1)) from row in Enumerable.Range(0, matrix.GetLength(0)) select matrix[row, column]]
        : [.. matrix.Cast<T>()];

    private static WeightMatrix Matrix(float[,] weight, bool isTransposed)
    {
        long[] sizes = [weight.GetLength(0), weight.GetLength(1)];
        return Matrix(Tensor.Create<float>(ElementType.Float, isTransposed ? [sizes[1], sizes[0]] : sizes, Flat(weight, isTransposed)));
    }

    private static WeightMatrix Matrix(Tensor tensor) => new(tensor, Diagnostics.WeightNotFinite.Create("The weight 'w' has infinities or NaN"));

    private static Tensor Identity(int size)
    {
        var identity = new float[size * size];
        for (int i = 0; i < size; i++)
            identity[i * (size + 1)] = 1;
        return Tensor.Create<float>(ElementType.Float, [size, size], identity);
    }

    private static sbyte[] Bytes(TensorData data) => MemoryMarshal.Cast<byte, sbyte>(data.ReadAll().Span).ToArray();
}
