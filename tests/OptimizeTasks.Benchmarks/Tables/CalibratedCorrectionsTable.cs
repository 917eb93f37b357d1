using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>What the corrections that samples decide give, on networks that need them.</summary>
internal static class CalibratedCorrectionsTable
{
    private const int Calibrating = 64, HeldOut = 32;

    private static readonly ImmutableArray<Corrections> s_ofPictures = [Corrections.None, Corrections.Equalization, Corrections.Bias, Corrections.Equalization | Corrections.Bias];
    private static readonly ImmutableArray<Corrections> s_ofOutliers = [Corrections.None, Corrections.Equalization, Corrections.Smoothing, Corrections.Smoothing | Corrections.Bias];

    public static void Print(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Calibrated on {Calibrating} samples; error: ‖a−b‖ / ‖a‖ on {HeldOut} others, root mean square. Uneven: three inverted residuals of 24 and 96 channels, those of normalisations different by a factor of 100. Outliers: three layers of 160 and 320 channels between normalisations, of which one channel in 40 is 20 to 50 times as large.\n"));
        output.WriteLine("| network | format | corrections | error |");
        output.WriteLine("| --- | --- | --- | --- |");
        foreach (float? limit in new float?[] { null, 6 })
        {
            using Model model = UnevenNetwork.Build(limit);
            string network = limit is null ? "uneven, Relu" : "uneven, Clip(0, 6)";
            Print(output, network, model, QuantizationMode.Static, s_ofPictures, UnevenNetwork.Inputs);
            Print(output, network, model, QuantizationMode.Static, s_ofPictures, UnevenNetwork.Inputs, isPerChannel: false);
        }

        using Model outliers = OutlierNetwork.Build();
        Print(output, "outliers", outliers, QuantizationMode.Dynamic, s_ofOutliers, OutlierNetwork.Inputs);
        Print(output, "outliers", outliers, QuantizationMode.Static, s_ofOutliers, OutlierNetwork.Inputs);
    }

    private static void Print(
        TextWriter output, string network, Model model, QuantizationMode mode, ImmutableArray<Corrections> corrections, Func<int, int, IEnumerable<Dictionary<string, Tensor>>> inputs, bool isPerChannel = true)
    {
        foreach (Corrections tried in corrections)
        {
            var options = new CompilerOptions { Quantization = mode, Samples = new Drawn(inputs(1, Calibrating)), Corrections = tried };
            if (!isPerChannel)
                options = options with { Quantization = QuantizationMode.None, Plan = OneScale(model, options) };
            using CompilationResult result = Compile(model, options);
            double error = Math.Sqrt(inputs(2, HeldOut).Average(given => Math.Pow(Error(model, result.Model, given), 2)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {network} | `{mode}`{(isPerChannel ? "" : ", one scale")} | {tried} | {error:0.0e-0} |"));
        }
    }

    private static CompressionPlan OneScale(Model model, CompilerOptions options)
    {
        using CompilationResult result = Compile(model, options);
        return new CompressionPlan { Nodes = [.. result.Plan!.Nodes.Select(node => node with { PerChannel = false })] };
    }

    private static CompilationResult Compile(Model model, CompilerOptions options) => new ModelCompiler(options, new InProcessRunner()).Compile(model.Copy());

    private static double Error(Model expected, Model actual, Dictionary<string, Tensor> inputs) =>
        Run(expected, inputs).Max(output => OutputComparison.Between(output.Key, output.Value, Run(actual, inputs)[output.Key], double.PositiveInfinity).Error);

    private static IReadOnlyDictionary<string, Tensor> Run(Model model, Dictionary<string, Tensor> inputs) => new InProcessRunner().Run(model, inputs, RunLimits.Default, CancellationToken.None);

    private sealed class Drawn(IEnumerable<Dictionary<string, Tensor>> inputs) : ISampleSource
    {
        public string Description => "samples that were drawn";

        /// <summary>They are as they would be in use.</summary>
        public bool IsSynthetic => false;

        public IEnumerable<Sample> Read(CancellationToken cancellationToken) => inputs.Select(given => new Sample(given));
    }
}
