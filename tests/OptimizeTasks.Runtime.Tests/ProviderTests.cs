using System.Collections.Immutable;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Loading;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Runtime.Tests;

public sealed class ProviderTests
{
    private static string ModelPath => SharedModels.Path("digits/digits-cnn.onnx");

    private static string Text(Provider provider) => string.Join(";", provider.GetOptions().Select(option => $"{option.Key}={option.Value}"));

    public static TheoryData<Provider, string> Options => new()
    {
        { Provider.Cpu, "" },
        { Provider.Cuda, "arena_extend_strategy=kSameAsRequested;cudnn_conv_algo_search=HEURISTIC;device_id=0;use_tf32=1" },
        {
            new CudaProvider { DeviceId = 2, MemoryLimit = 3L << 30, TensorFloat32 = false },
            "arena_extend_strategy=kSameAsRequested;cudnn_conv_algo_search=HEURISTIC;device_id=2;gpu_mem_limit=3221225472;use_tf32=0"
        },
        {
            Provider.Cuda with { ExtraOptions = ImmutableSortedDictionary<string, string>.Empty.Add("cudnn_conv_algo_search", "EXHAUSTIVE").Add("enable_cuda_graph", "1") },
            "arena_extend_strategy=kSameAsRequested;cudnn_conv_algo_search=EXHAUSTIVE;device_id=0;enable_cuda_graph=1;use_tf32=1"
        },
        { Provider.TensorRt, "device_id=0;trt_fp16_enable=0;trt_int8_enable=0" },
        {
            new TensorRtProvider
            {
                CachePath = "/cache", CachePrefix = "minilm", Float16 = true, Int8 = true, Sparsity = true, WorkspaceLimit = 1L << 30,
                ProfileMinimum = "ids:1x1", ProfileOptimum = "ids:4x64", ProfileMaximum = "ids:32x512",
            },
            "device_id=0;trt_engine_cache_enable=1;trt_engine_cache_path=/cache;trt_engine_cache_prefix=minilm;trt_fp16_enable=1;trt_int8_enable=1;trt_max_workspace_size=1073741824;"
            + "trt_profile_max_shapes=ids:32x512;trt_profile_min_shapes=ids:1x1;trt_profile_opt_shapes=ids:4x64;trt_sparsity_enable=1;trt_timing_cache_enable=1;trt_timing_cache_path=/cache"
        },
        { Provider.WebGpu, "preferredLayout=NCHW" },
        { new WebGpuProvider { ChannelsLast = true }, "preferredLayout=NHWC" },
        { new DirectMlProvider { DeviceId = 1 }, "device_id=1" },
        { new OpenVinoProvider { Device = "GPU", CachePath = "/cache" }, "cache_dir=/cache;device_type=GPU" },
        { Provider.CoreMl, "MLComputeUnits=ALL;ModelFormat=MLProgram" },
        { new CoreMlProvider { ComputeUnits = "CPUAndGPU", CachePath = "/cache" }, "MLComputeUnits=CPUAndGPU;ModelCacheDirectory=/cache;ModelFormat=MLProgram" },
        { Provider.Qnn, "backend_type=htp" },
        { new QnnProvider { BackendPath = "QnnCpu.dll" }, "backend_path=QnnCpu.dll" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_are_exactly_these(Provider provider, string expected) => Assert.Equal(expected, Text(provider));

    [Fact]
    public void The_variants_options_go_before_typed_ones_and_behind_the_apps_own()
    {
        ImmutableSortedDictionary<string, string> variant = ImmutableSortedDictionary<string, string>.Empty.Add("use_tf32", "0").Add("device_id", "5");
        CudaProvider provider = Provider.Cuda with { ExtraOptions = ImmutableSortedDictionary<string, string>.Empty.Add("device_id", "9") };

        IReadOnlyDictionary<string, string> options = provider.GetOptions(variant);

        Assert.Equal("0", options["use_tf32"]);
        Assert.Equal("9", options["device_id"]);
    }

    [Fact]
    public void Names_are_those_of_the_build()
    {
        Assert.Equal(["TensorRt", "Cuda", "Cpu"], Provider.Parse("TensorRt; Cuda;Cpu;").Select(provider => provider.Name));
        Assert.Equal(
            "there is no provider 'cuda'; there are Cpu, Cuda, TensorRt, WebGpu, DirectMl, OpenVino, CoreMl, Qnn (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => Provider.Parse("cuda")).Message);
    }

    [SharedModelFact]
    public void The_placement_says_what_runs_where()
    {
        string? line = null;
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { Log = text => line = text, RequireProvider = true });

        ProviderShare share = Assert.Single(model.Placement.Shares);
        Assert.Equal("Cpu", share.Provider);
        Assert.True(share.Operators.ContainsKey("Conv"), share.ToString());
        Assert.Equal(share.Operators.Values.Sum(), model.Placement.NodesOn("Cpu"));
        Assert.Equal($"DigitsCnn: Cpu {share.Nodes} nodes", line);
    }

    [SharedModelFact]
    public void Without_recording_the_placement_is_unknown_and_says_so()
    {
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { RecordPlacement = false });

        Assert.False(model.Placement.IsKnown);
        Assert.Equal("not recorded", model.Placement.ToString());
    }

    [SharedModelFact]
    public void A_provider_that_cannot_start_is_passed_over_and_reported()
    {
        var lines = new List<string>();
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { Providers = [Provider.TensorRt, Provider.Cuda, Provider.Cpu], Log = lines.Add });

        Assert.Equal(["TensorRt", "Cuda"], model.Placement.Skipped.Select(skipped => skipped.Provider));
        Assert.All(model.Placement.Skipped, skipped => Assert.StartsWith("the ONNX Runtime package that the app references was built without it (", skipped.Reason, StringComparison.Ordinal));
        Assert.Contains("Cuda skipped: the ONNX Runtime package", Assert.Single(lines), StringComparison.Ordinal);
        Assert.True(model.Placement.NodesOn("Cpu") > 0);
    }

    [SharedModelFact]
    public void A_required_provider_that_cannot_start_is_an_error_that_says_why()
    {
        var exception = Assert.Throws<ProviderException>(() => DigitsCnn.Load(ModelPath, new ModelOptions { Providers = [Provider.Cuda, Provider.Cpu], RequireProvider = true }));

        Assert.Equal("Cuda", exception.Provider);
        Assert.StartsWith("the provider Cuda cannot start: the ONNX Runtime package that the app references was built without it", exception.Message, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void The_processor_is_not_used_where_it_was_not_asked_for()
    {
        Assert.Throws<ProviderException>(() => DigitsCnn.Load(ModelPath, new ModelOptions { Providers = [Provider.WebGpu] }));
    }

    [Theory]
    [InlineData(
        "[ErrorCode:Fail] Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
        "the library libcublasLt.so.13 was not found")]
    [InlineData(
        "[ErrorCode:RuntimeException] LoadLibrary failed with error 126 \"\" when trying to load \"C:\\app\\onnxruntime_providers_cuda.dll\"",
        "the library C:\\app\\onnxruntime_providers_cuda.dll was not found")]
    [InlineData("Unable to load shared library 'onnxruntime' or one of its dependencies", "the library onnxruntime was not found")]
    [InlineData("CUDA execution provider is not enabled in this build. ", "the ONNX Runtime package that the app references was built without it")]
    [InlineData("Failed to get a WebGPU adapter: No supported adapters.", "there is no suitable graphics adapter or driver")]
    [InlineData("something else", "something else")]
    public void The_reason_is_named(string message, string reason) => Assert.StartsWith(reason, StartFailure.Explain(new NotSupportedException(message)), StringComparison.Ordinal);

    public static TheoryData<ProviderShare[], string?> Placements => new()
    {
        { [Share("Cuda", ("Conv", 3))], null },
        { [Share("Cuda", ("Conv", 3)), Share("Cpu", ("Shape", 1), ("Gather", 2))], null },
        { [Share("Cuda", ("Conv", 3)), Share("Cpu", ("Shape", 1), ("MatMul", 2))], "Cuda is required and does not run MatMul (2 on Cpu)" },
        { [Share("Cuda", ("Conv", 3)), Share("TensorRt", ("Shape", 1))], "Cuda is required and does not run Shape (1 on TensorRt)" },
        { [Share("Cpu", ("Conv", 3))], "Cuda is required and runs nothing of the model" },
        { [], "Cuda is required, and this version of ONNX Runtime does not say what runs where" },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public void Only_the_computation_of_shapes_may_be_elsewhere(ProviderShare[] shares, string? problem)
    {
        var placement = new Placement { Shares = [.. shares] };
        if (problem is null)
            ProviderRequirement.Check(Provider.Cuda, placement);
        else
            Assert.StartsWith(problem, Assert.Throws<ProviderException>(() => ProviderRequirement.Check(Provider.Cuda, placement)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variants_for_some_sizes_only_are_not_chosen_at_load()
    {
        Variant small = new() { Name = "small", File = "s.onnx", When = new() { Dimensions = ImmutableSortedDictionary<string, DimensionRange>.Empty.Add("batch", new(1, 4)) } };
        Variant any = new() { Name = "any", File = "a.onnx" };
        var model = new CompiledModel { Name = "m", SourceHash = "", Signature = DigitsCnn.Signature, Variants = [small, any] };

        Assert.Equal("any", VariantSelection.Select(model, [Provider.Cpu], "m").Name);
    }

    private static ProviderShare Share(string provider, params (string Operator, int Count)[] operators) =>
        new(provider, operators.Sum(entry => entry.Count), operators.ToImmutableSortedDictionary(entry => entry.Operator, entry => entry.Count));
}
