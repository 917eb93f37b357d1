using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Rounding with error feedback.</summary>
public sealed class FeedbackWeightsTests
{
    [Theory]
    [InlineData(4, 16, true, 75)]
    [InlineData(4, 32, true, 96)]
    [InlineData(4, 32, false, 100)]
    [InlineData(4, 64, true, 160)]
    [InlineData(4, 128, true, 130)]
    [InlineData(4, 128, false, 300)]
    [InlineData(8, 32, true, 96)]
    [InlineData(8, 16, false, 40)]
    public void Both_directions_come_to_what_papers_say(int bits, int block, bool isSymmetric, int size)
    {
        float[,] weight = Numbers(size, 37, 1), inputs = Correlated(4 * size, size);
        var format = new BlockFormat(bits, block, isSymmetric);
        double[,] moments = ErrorFeedback.Moments(inputs, 0.01);
        double[] expected = ErrorFeedback.Costs(moments, Difference(weight, ErrorFeedback.Round(weight, moments, bits, block, isSymmetric)));
        double[] plain = ErrorFeedback.Costs(moments, Difference(weight, Rounded(weight, new BlockwiseWeights(Matrix(weight, false), false, format), format)));
        byte[][] bytes = [.. new[] { false, true }.Select(isInnerSummed =>
        {
            var computed = new FeedbackWeights(Matrix(weight, isInnerSummed), isInnerSummed, format, Factor(inputs));
            double[] costs = ErrorFeedback.Costs(moments, Difference(weight, Rounded(weight, computed, format)));

            // A number in the middle between two codes may go either way, and everything behind it with it.
            int same = costs.Zip(expected.Zip(plain, Math.Min)).Count(c => Math.Abs(c.First - c.Second) <= 1e-3 * c.Second);
            Assert.InRange(same, 33, 37);
            Assert.All(costs.Zip(plain), c => Assert.True(c.First <= c.Second * 1.001));
            Assert.InRange(costs.Sum() / expected.Sum(), 0.98, 1.02);
            Assert.InRange(costs.Sum() / plain.Sum(), 0.01, 0.7);
            return computed.Outputs.SelectMany(output => output.ReadAll().ToArray()).ToArray();
        })];

        Assert.Equal(bytes[0], bytes[1]);
    }

    /// <summary>Inputs of which nothing is known are rounded as they are without.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Dead_inputs_are_rounded_plainly(int alive)
    {
        float[,] weight = Numbers(64, 20, 1), inputs = new float[50, 64], some = Numbers(50, 64, 2);
        for (int row = 0; row < 50; row++)
        {
            for (int column = 0; column < alive; column++)
                inputs[row, column] = some[row, column];
        }

        var format = new BlockFormat(4, 16, true);
        double[,] plain = Rounded(weight, new BlockwiseWeights(Matrix(weight, false), false, format), format);
        double[,] corrected = Rounded(weight, new FeedbackWeights(Matrix(weight, false), false, format, Factor(inputs)), format);

        for (int row = alive; row < 64; row++)
        {
            for (int column = 0; column < 20 && row / 16 > alive / 16; column++)
                Assert.Equal(plain[row, column], corrected[row, column]);
        }

        Assert.Equal(alive == 0, plain.Cast<double>().SequenceEqual(corrected.Cast<double>()));
    }

    /// <summary>Fewer rows than inputs, inputs that are equal, and one that is a million times as large as the others.</summary>
    [Fact]
    public void Singular_moments_are_damped()
    {
        float[,] weight = Numbers(96, 20, 1), inputs = Correlated(10, 96);
        for (int row = 0; row < 10; row++)
        {
            inputs[row, 1] = inputs[row, 0];
            inputs[row, 50] = 1e6f;
        }

        var format = new BlockFormat(4, 32, true);
        double[,] moments = ErrorFeedback.Moments(inputs, 0);
        double plain = ErrorFeedback.Costs(moments, Difference(weight, Rounded(weight, new BlockwiseWeights(Matrix(weight, false), false, format), format))).Sum();
        double corrected = ErrorFeedback.Costs(moments, Difference(weight, Rounded(weight, new FeedbackWeights(Matrix(weight, false), false, format, Factor(inputs)), format))).Sum();

        Assert.InRange(corrected / plain, 0, 0.2);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e30f)]
    public void Inputs_whose_squares_are_not_finite_have_no_factor(float number)
    {
        float[,] inputs = Numbers(150, 40, 1);
        inputs[130, 33] = number;
        var moments = new SecondMoments(40);
        moments.Add(MemoryMarshal.CreateReadOnlySpan(ref inputs[0, 0], inputs.Length));

        Assert.Null(FeedbackFactor.TryCreate(moments.Finish(), new FactorFile()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_that_are_not_finite_end_the_compilation(bool isInnerSummed)
    {
        float[,] weight = Numbers(40, 20, 1);
        weight[39, 19] = float.NaN;
        var computed = new FeedbackWeights(Matrix(weight, isInnerSummed), isInnerSummed, new BlockFormat(4, 16, true), Factor(Numbers(50, 40, 2)));

        Assert.Equal(Diagnostics.WeightNotFinite.Code, Assert.Throws<CompilationException>(() => computed.Outputs[0].ReadAll()).Diagnostic.Code);
    }

    /// <summary>Neither how rows come in pieces nor how channels are divided matters: a result of more pieces than one has the same channels.</summary>
    [Fact]
    public void Bytes_do_not_depend_on_pieces()
    {
        float[,] weight = Numbers(48, 600, 1), inputs = Correlated(300, 48), some = new float[48, 30];
        var format = new BlockFormat(4, 16, true, IsClipped: true);
        for (int row = 0; row < 48; row++)
        {
            for (int channel = 0; channel < 30; channel++)
                some[row, channel] = weight[row, channel + 245];
        }

        var moments = new SecondMoments(48);
        for (int row = 0; row < 300; row++)
            moments.Add(MemoryMarshal.CreateReadOnlySpan(ref inputs[row, 0], 48));
        FeedbackFactor factor = FeedbackFactor.TryCreate(moments.Finish(), new FactorFile())!;
        WeightMatrix matrix = Matrix(weight, false);
        var whole = new FeedbackWeights(matrix, false, format, Factor(inputs));
        var part = new FeedbackWeights(Matrix(some, true), true, format, factor);

        Assert.Equal(Factor(inputs), factor);
        Assert.NotEqual(Factor(Correlated(299, 48)), factor);
        Assert.Equal(3, whole.PieceCount);
        int length = (int)part.Outputs[0].Length;
        Assert.Equal(part.Outputs[0].ReadAll().ToArray(), whole.Outputs[0].ReadAll().Slice(245 * length / 30, length).ToArray());
        Assert.Equal(new FeedbackWeights(matrix, false, format, factor), whole);
    }

    private static FeedbackFactor Factor(float[,] inputs)
    {
        var moments = new SecondMoments(inputs.GetLength(1));
        moments.Add(MemoryMarshal.CreateReadOnlySpan(ref inputs[0, 0], inputs.Length));
        return FeedbackFactor.TryCreate(moments.Finish(), new FactorFile())!;
    }

    /// <summary>Inputs that come together: mixes of a third as many.</summary>
    private static float[,] Correlated(int rows, int size)
    {
        float[,] sources = Numbers(rows, size / 3, 2), mix = Numbers(size / 3, size, 3), noise = Numbers(rows, size, 4);
        var inputs = new float[rows, size];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < size; column++)
                inputs[row, column] = (0.5f * noise[row, column]) + Enumerable.Range(0, size / 3).Sum(i => sources[row, i] * mix[i, column]);
        }

        return inputs;
    }

    private static float[,] Numbers(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var numbers = new float[rows, columns];
        foreach (ref float number in MemoryMarshal.CreateSpan(ref numbers[0, 0], numbers.Length))
            number = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return numbers;
    }

    private static double[,] Difference(float[,] weight, double[,] rounded)
    {
        var errors = new double[weight.GetLength(0), weight.GetLength(1)];
        for (int i = 0; i < errors.GetLength(0); i++)
        {
            for (int j = 0; j < errors.GetLength(1); j++)
                errors[i, j] = weight[i, j] - rounded[i, j];
        }

        return errors;
    }

    /// <summary>What the codes stand for.</summary>
    private static double[,] Rounded(float[,] weight, TensorComputation computed, BlockFormat format)
    {
        ReadOnlySpan<byte> codes = computed.Outputs[0].ReadAll().Span;
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(computed.Outputs[1].ReadAll().Span);
        ReadOnlySpan<byte> zeroPoints = format.IsSymmetric ? default : computed.Outputs[2].ReadAll().Span;
        int blocks = format.Blocks(weight.GetLength(0));
        var rounded = new double[weight.GetLength(0), weight.GetLength(1)];
        for (int row = 0; row < weight.GetLength(0); row++)
        {
            for (int channel = 0; channel < weight.GetLength(1); channel++)
            {
                int block = (channel * blocks) + (row / format.BlockSize);
                int code = Code(codes[(block * format.BlockBytes)..], row % format.BlockSize);
                int zeroPoint = format.IsSymmetric ? format.MiddleCode : Code(zeroPoints[(channel * format.ZeroPointBytes(blocks))..], row / format.BlockSize);
                rounded[row, channel] = (code - zeroPoint) * (double)scales[block];
            }
        }

        return rounded;

        int Code(ReadOnlySpan<byte> packed, int index) => format.Bits == 8 ? packed[index] : (packed[index / 2] >> (4 * (index % 2))) & 15;
    }

    private static WeightMatrix Matrix(float[,] weight, bool isTransposed)
    {
        int rows = weight.GetLength(0), columns = weight.GetLength(1);
        float[] flat = [.. isTransposed
            ? from column in Enumerable.Range(0, columns) from row in Enumerable.Range(0, rows) select weight[row, column]
            : from row in Enumerable.Range(0, rows) from column in Enumerable.Range(0, columns) select weight[row, column]];
        return new WeightMatrix(Tensor.Create<float>(ElementType.Float, isTransposed ? [columns, rows] : [rows, columns], flat), Diagnostics.WeightNotFinite.Create("not finite"));
    }
}
