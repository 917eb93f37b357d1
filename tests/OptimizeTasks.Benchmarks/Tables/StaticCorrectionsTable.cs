using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What corrections give a network of depthwise convolutions whose channels are uneven.</summary>
internal static class StaticCorrectionsTable
{
    private const int Calibrating = 64, HeldOut = 32;

    private static readonly ImmutableArray<Corrections> s_corrections = [Corrections.None, Corrections.Equalization, Corrections.Bias, Corrections.Equalization | Corrections.Bias];

    public static void Print(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Three inverted residuals of 24 and 96 channels in `Static`, channels of normalisations different by a factor of 100, calibrated on {Calibrating} pictures; error: ‖a−b‖ / ‖a‖ on {HeldOut} others, root mean square.\n"));
        output.WriteLine("| activations | corrections | error, a scale for each channel | one scale for all |");
        output.WriteLine("| --- | --- | --- | --- |");
        foreach (float? limit in new float?[] { null, 6 })
        {
            using Model model = UnevenNetwork.Build(limit);
            foreach (Corrections corrections in s_corrections)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {(limit is null ? "Relu" : "Clip(0, 6)")} | {corrections} | {Error(model, corrections, isPerChannel: true):0.0e-0} | {Error(model, corrections, isPerChannel: false):0.0e-0} |"));
            }
        }
    }

    private static double Error(Model model, Corrections corrections, bool isPerChannel)
    {
        var options = new CompilerOptions { Quantization = QuantizationMode.Static, Samples = new Pictures(), Corrections = corrections };
        using CompilationResult first = Compile(model, options);
        if (isPerChannel)
            return Error(model, first.Model);
        var plan = new CompressionPlan { Nodes = [.. first.Plan!.Nodes.Select(node => node with { PerChannel = false })] };
        using CompilationResult second = Compile(model, options with { Quantization = QuantizationMode.None, Plan = plan });
        return Error(model, second.Model);
    }

    private static CompilationResult Compile(Model model, CompilerOptions options) => new ModelCompiler(options, new InProcessRunner()).Compile(model.Copy());

    private static double Error(Model expected, Model actual) => Math.Sqrt(UnevenNetwork.Inputs(2, HeldOut).Average(inputs => Math.Pow(
        OutputComparison.Between("y", Run(expected, inputs), Run(actual, inputs), double.PositiveInfinity).Error, 2)));

    private static Tensor Run(Model model, Dictionary<string, Tensor> inputs) => new InProcessRunner().Run(model, inputs, RunLimits.Default, CancellationToken.None)["y"];

    private sealed class Pictures : ISampleSource
    {
        public string Description => "pictures of waves";

        public bool IsSynthetic => false;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken) => UnevenNetwork.Inputs(1, Calibrating).Select(inputs => new Sample(inputs));
    }
}
