using System.Runtime.InteropServices;
using OptimizeTasks.Compiler.Quantization;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Quantization;

/// <summary>Scales of least squared error.</summary>
public sealed class ClippingTests
{
    private static readonly InProcessRunner s_runner = new();

    [Theory]
    [InlineData(4, 16, true)]
    [InlineData(4, 32, false)]
    [InlineData(4, 128, true)]
    [InlineData(8, 32, true)]
    [InlineData(8, 64, false)]
    public void Both_directions_are_as_defined(int bits, int size, bool isSymmetric)
    {
        float[,] weight = HeavyTailed(75, 41);
        (byte[] codes, float[] scales, _) = ScalarDefinition.Blocks(weight, bits, size, isSymmetric, isClipped: true);
        foreach (bool isInnerSummed in new[] { true, false })
        {
            var computed = new BlockwiseWeights(Matrix(weight, isInnerSummed), isInnerSummed, new BlockFormat(bits, size, isSymmetric, IsClipped: true));

            Assert.Equal(scales, MemoryMarshal.Cast<byte, float>(computed.Outputs[1].ReadAll().Span).ToArray());
            Assert.True(ScalarDefinition.Pack(codes, bits, size).AsSpan().SequenceEqual(computed.Outputs[0].ReadAll().Span));
        }
    }

    [Theory]
    [InlineData(4, 32, true, 0.96)]
    [InlineData(4, 128, true, 0.92)]
    [InlineData(4, 128, false, 0.94)]
    [InlineData(8, 128, true, 1)]
    public void Weights_with_heavy_tails_become_more_exact(int bits, int size, bool isSymmetric, double most)
    {
        float[,] weight = HeavyTailed(512, 64);

        double plain = Error(weight, bits, size, isSymmetric, isClipped: false), clipped = Error(weight, bits, size, isSymmetric, isClipped: true);

        Assert.InRange(clipped / plain, 0.1, most);
    }

    [Fact]
    public void No_block_becomes_less_exact()
    {
        float[,] weight = HeavyTailed(32, 300);

        double[] plain = Errors(weight, 4, 32, true, false), clipped = Errors(weight, 4, 32, true, true);

        Assert.All(plain.Zip(clipped), e => Assert.True(e.Second <= e.First * 1.000001));
        Assert.Contains(plain.Zip(clipped), e => e.Second < e.First * 0.9);
    }

    [Fact]
    public void Codes_that_are_exact_stay()
    {
        var weight = new float[32, 16];
        for (int i = 0; i < 32; i++)
        {
            for (int column = 0; column < 16; column++)
                weight[i, column] = (i % 16) - 8;
        }

        Assert.Equal(0, Error(weight, 4, 32, true, isClipped: true));
    }

    [SharedModelTheory]
    [InlineData("digits/digits-transformer.onnx", QuantizationMode.Int4)]
    [InlineData("transformers/bert-tiny.onnx", QuantizationMode.Int4)]
    public void Outputs_of_a_model_become_more_exact(string name, QuantizationMode mode)
    {
        string path = SharedModels.Path(name);
        using Model model = ModelReader.Read(path);
        SyntheticSamples samples = SyntheticSamples.Of(model, new CompilerOptions(), s_runner);

        double plain = Loss(Corrections.None), clipped = Loss(Corrections.Clipping);

        Assert.InRange(clipped / plain, 0.1, 0.995);

        double Loss(Corrections corrections)
        {
            using var folder = new TemporaryFolder();
            var options = new CompilerOptions { Quantization = mode, Corrections = corrections };
            using CompilationResult result = new ModelCompiler(options, s_runner).Compile(path);
            Assert.All(result.Plan!.Nodes.Where(node => node.Format == WeightFormat.Int4), node => Assert.Equal(corrections == Corrections.None ? null : true, node.Clipping));
            ModelWriter.Write(result.Model, folder["out.onnx"]);
            // The plan is all that is needed to come to the same result.
            using CompilationResult again = new ModelCompiler(new CompilerOptions { Plan = CompressionPlan.Parse(result.Plan.ToJson()) }, s_runner).Compile(path);
            ModelWriter.Write(again.Model, folder["again.onnx"]);
            Assert.Equal(File.ReadAllBytes(folder["out.onnx"]), File.ReadAllBytes(folder["again.onnx"]));
            return new MetricMeter(s_runner).Measure(Metric.RelativeL2, path, folder["out.onnx"], samples).Loss;
        }
    }

    /// <summary>Student's t with three degrees of freedom.</summary>
    private static float[,] HeavyTailed(int rows, int columns)
    {
        var random = new Random(5);
        var weight = new float[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                weight[row, column] = (float)(Normal() / Math.Sqrt((Math.Pow(Normal(), 2) + Math.Pow(Normal(), 2) + Math.Pow(Normal(), 2)) / 3));
        }

        return weight;

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static double Error(float[,] weight, int bits, int size, bool isSymmetric, bool isClipped) => Errors(weight, bits, size, isSymmetric, isClipped).Sum();

    /// <summary>The squared error of each block that the real computation gives.</summary>
    private static double[] Errors(float[,] weight, int bits, int size, bool isSymmetric, bool isClipped)
    {
        var computed = new BlockwiseWeights(Matrix(weight, false), false, new BlockFormat(bits, size, isSymmetric, isClipped));
        ReadOnlySpan<byte> codes = computed.Outputs[0].ReadAll().Span;
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(computed.Outputs[1].ReadAll().Span);
        ReadOnlySpan<byte> zeroPoints = isSymmetric ? default : computed.Outputs[2].ReadAll().Span;
        int blocks = (weight.GetLength(0) + size - 1) / size, bytes = size * bits / 8;
        var errors = new double[scales.Length];
        for (int row = 0; row < weight.GetLength(0); row++)
        {
            for (int channel = 0; channel < weight.GetLength(1); channel++)
            {
                int block = (channel * blocks) + (row / size);
                int code = Code(codes[(block * bytes)..], row % size);
                int zeroPoint = isSymmetric ? 1 << (bits - 1) : Code(zeroPoints[(channel * (((blocks * bits) + 7) / 8))..], row / size);
                errors[block] += Math.Pow(weight[row, channel] - ((code - zeroPoint) * (double)scales[block]), 2);
            }
        }

        return errors;

        int Code(ReadOnlySpan<byte> packed, int index) => bits == 8 ? packed[index] : (packed[index / 2] >> (4 * (index % 2))) & 15;
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
