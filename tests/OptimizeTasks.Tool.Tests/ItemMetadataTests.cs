using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Tests;

public class ItemMetadataTests
{
    public static TheoryData<string> Names => [.. MetadataNames.All];

    [Fact]
    public void The_table_has_every_name_once() => Assert.Equal(MetadataNames.All, ItemMetadata.All.Select(m => m.Name));

    [Theory]
    [InlineData("ClassName", "--class-name")]
    [InlineData("CustomOpLibraries", "--custom-op-libraries")]
    [InlineData("Opset", "--opset")]
    public void Options_are_named_like_metadata(string name, string option) => Assert.Equal(option, ItemMetadata.Find(name)!.OptionName);

    [Theory]
    [MemberData(nameof(Names))]
    public void An_empty_value_is_the_default(string name)
    {
        var settings = new ItemSettings();

        Assert.Same(settings, ItemMetadata.Find(name)!.Apply(" ", settings));
    }

    [Theory]
    [InlineData("Quantization", "None")]
    [InlineData("Measure", "False")]
    public void Defaults_of_what_is_not_available_yet_are_accepted(string name, string value) => Apply(name, value);

    [Theory]
    [InlineData("Dimensions", "sequence=1..512")]
    [InlineData("Buckets", "16;32")]
    [InlineData("LengthSample", "lengths.txt")]
    [InlineData("CustomOpLibraries", "libops.so")]
    public void What_is_not_available_yet_says_so(string name, string value) => Assert.Equal("OPT5004", Refused(name, value).Code);

    [Fact]
    public void Promises_are_read_in_order_of_their_inputs() => Assert.Equal(
        [new("attention_mask", InputContract.RightPadded), new("position_ids", InputContract.Consecutive)],
        ItemMetadata.Find("Contracts")!.Apply(" position_ids = Consecutive; attention_mask=right-padded ", new ItemSettings()).Compiler.Contracts.ToArray());

    [Theory]
    [InlineData("Access", "protected", "public, internal")]
    [InlineData("Optimization", "Ful", "None, Basic, Full (did you mean Full?)")]
    [InlineData("Optimization", "1", "None, Basic, Full")]
    [InlineData("Quantization", "Dinamic", "None, Dynamic, Static, Int4, Int8, Auto (did you mean Dynamic?)")]
    [InlineData("Corrections", "Clip", "None, Clipping, Equalization, All")]
    [InlineData("Metric", "Acuracy", "RelativeL2, Cosine, KullbackLeibler, Top1Agreement, Accuracy (did you mean Accuracy?)")]
    [InlineData("Precision", "Half", "Float32, Float16, BFloat16")]
    [InlineData("Measure", "yes", "true, false")]
    [InlineData("Providers", "Cuda;Gpu", "Cpu, Cuda, TensorRt")]
    [InlineData("Providers", "Cpu;cpu", "once")]
    [InlineData("Providers", ";", "Cpu, Cuda, TensorRt")]
    [InlineData("Opset", "6", "a number")]
    [InlineData("Opset", "17.0", "a number")]
    [InlineData("Contracts", "attention_mask", "right-padded, consecutive")]
    [InlineData("Contracts", "attention_mask=padded", "right-padded, consecutive")]
    [InlineData("Contracts", "=consecutive", "right-padded, consecutive")]
    [InlineData("Contracts", "m=right-padded;m=consecutive", "once")]
    [InlineData("Contracts", ";", "right-padded, consecutive")]
    [InlineData("Dimensions", "batch", "batch=1")]
    [InlineData("Dimensions", "batch=0", "batch=1")]
    [InlineData("Dimensions", "batch=-1", "batch=1")]
    [InlineData("Dimensions", "batch=1;batch=2", "once")]
    [InlineData("Verify", "yes", "true, false")]
    [InlineData("Tolerance", "0", "a positive number")]
    [InlineData("Tolerance", "1,5", "a positive number")]
    [InlineData("Tolerance", "NaN", "a positive number")]
    [InlineData("GenerateSource", "1", "true, false")]
    [InlineData("TargetPath", "../x.onnx", "inside the app's folder")]
    [InlineData("TargetPath", "/x.onnx", "inside the app's folder")]
    [InlineData("TargetPath", "C:/x.onnx", "inside the app's folder")]
    [InlineData("TargetPath", "models/", "inside the app's folder")]
    [InlineData("CopyToOutputDirectory", "Sometimes", "Never, PreserveNewest, Always, IfDifferent")]
    public void A_wrong_value_is_refused_with_the_right_ones(string name, string value, string right)
    {
        Diagnostic diagnostic = Refused(name, value);

        Assert.Equal("OPT5002", diagnostic.Code);
        Assert.Contains(name, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(right, diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_reach_the_settings()
    {
        ItemSettings settings = new Dictionary<string, string>
        {
            ["ClassName"] = "MiniLm",
            ["Namespace"] = "App.Models",
            ["Access"] = "internal",
            ["optimization"] = "basic",
            ["Providers"] = "webgpu; CPU",
            ["Opset"] = "17",
            ["Dimensions"] = "batch=1; sequence = 128",
            ["DisabledPasses"] = "RemoveNoOps;ShareNodes",
            ["Verify"] = "False",
            ["Tolerance"] = "1e-3",
            ["Quantization"] = "int4",
            ["ExcludeNodes"] = "/head/*; *embed?",
            ["AccuracyBudget"] = "0.05",
            ["Corrections"] = "clipping; None",
            ["Metric"] = "top1agreement",
            ["CalibrationData"] = "data; more/*.npz",
            ["Label"] = "y",
            ["GenerateSource"] = "false",
            ["TargetPath"] = "models\\x.onnx",
        }.Aggregate(new ItemSettings(), (s, m) => ItemMetadata.Find(m.Key)!.Apply(m.Value, s));

        Assert.Equal("MiniLm", settings.ClassName);
        Assert.Equal("App.Models", settings.Namespace);
        Assert.False(settings.IsPublic);
        Assert.Equal(OptimizationLevel.Basic, settings.Compiler.Optimization);
        Assert.Equal(["WebGpu", "Cpu"], settings.Providers.ToArray());
        Assert.Equal(17, settings.Compiler.Opset);
        Assert.Equal(1, settings.Compiler.FixedDimensions["batch"]);
        Assert.Equal(128, settings.Compiler.FixedDimensions["sequence"]);
        Assert.Equal(["RemoveNoOps", "ShareNodes"], settings.Compiler.DisabledPasses.ToArray());
        Assert.False(settings.Verify);
        Assert.Equal(1e-3, settings.Compiler.Tolerance);
        Assert.Equal(QuantizationMode.Int4, settings.Compiler.Quantization);
        Assert.Equal(["/head/*", "*embed?"], settings.Compiler.ExcludeNodes.ToArray());
        Assert.Equal(0.05, settings.Compiler.AccuracyBudget);
        Assert.Equal(Corrections.Clipping, settings.Compiler.Corrections);
        Assert.Equal(Metric.Top1Agreement, settings.Compiler.Metric);
        Assert.Equal(["data", "more/*.npz"], settings.CalibrationData.ToArray());
        Assert.Equal("y", settings.Label);
        Assert.False(settings.GenerateSource);
        Assert.Equal("models/x.onnx", settings.TargetPath);
    }

    private static ItemSettings Apply(string name, string value) => ItemMetadata.Find(name)!.Apply(value, new ItemSettings());

    private static Diagnostic Refused(string name, string value) => Assert.Throws<CompilationException>(() => Apply(name, value)).Diagnostic;
}
