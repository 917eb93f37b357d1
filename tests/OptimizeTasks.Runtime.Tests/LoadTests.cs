using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Loading;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Runtime.Tests;

public sealed class LoadTests
{
    private static readonly float[] s_image = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];

    private static string ModelPath => SharedModels.Path("digits/digits-cnn.onnx");

    private static CompiledModel NewManifest(params Variant[] variants) => new()
    {
        Name = "digits-cnn",
        SourceHash = "sha256:0",
        Signature = DigitsCnn.Signature,
        Variants = [.. variants],
    };

    private static Variant NewVariant(string file, string? provider = null) => new() { Name = file, File = file, When = new() { Provider = provider } };

    private static TemporaryFolder NewFolder(CompiledModel manifest, string file)
    {
        var folder = new TemporaryFolder();
        File.Copy(ModelPath, folder[file]);
        File.WriteAllText(folder["digits.model.json"], manifest.ToJson());
        return folder;
    }

    [SharedModelFact]
    public void The_manifest_beside_the_model_chooses_the_variant()
    {
        using TemporaryFolder folder = NewFolder(NewManifest(NewVariant("cuda.onnx", "Cuda"), NewVariant("cpu.onnx")), "cpu.onnx");

        using DigitsCnn byModel = DigitsCnn.Load(folder["digits.onnx"]);
        using DigitsCnn byManifest = DigitsCnn.Load(folder["digits.model.json"]);

        Assert.Equal("digits-cnn", byModel.Manifest!.Name);
        Assert.Equal(byModel.Run(s_image), byManifest.Run(s_image));
    }

    [SharedModelFact]
    public void Where_a_provider_cannot_start_the_next_ones_variant_is_taken()
    {
        using TemporaryFolder folder = NewFolder(NewManifest(NewVariant("cuda.onnx", "Cuda"), NewVariant("cpu.onnx", "Cpu")), "cpu.onnx");
        File.WriteAllText(folder["cuda.onnx"], "what only CUDA would read");
        string? line = null;

        using DigitsCnn model = DigitsCnn.Load(folder["digits.onnx"], new ModelOptions { Providers = [Provider.Cuda, Provider.Cpu], Log = text => line = text });

        Assert.Equal("cpu.onnx", model.Variant!.Name);
        Assert.Equal("Cuda", Assert.Single(model.Placement.Skipped).Provider);
        Assert.StartsWith("DigitsCnn: variant cpu.onnx, Cpu ", line, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void The_sizes_of_a_call_choose_the_graph()
    {
        Variant small = NewVariant("small.onnx") with { When = new() { Dimensions = ImmutableSortedDictionary<string, DimensionRange>.Empty.Add("batch", new DimensionRange(2, 3)) } };
        Variant ofAnother = NewVariant("another.onnx") with { When = small.When with { Provider = "Cuda" } };
        using TemporaryFolder folder = NewFolder(NewManifest(small, ofAnother, NewVariant("cpu.onnx")), "cpu.onnx");
        File.Copy(SharedModels.Path("digits/digits-cnn-small.onnx"), folder["small.onnx"]);
        using DigitsCnn model = DigitsCnn.Load(folder["digits.onnx"]);
        using var general = new DigitsCnn(model.Session);
        using var sized = new DigitsCnn(Assert.Single(model.SizeVariants).Session);

        for (int round = 0; round < 2; round++)
        {
            foreach (int batch in new[] { 1, 2, 3, 4, 2 })
            {
                float[] images = [.. Enumerable.Repeat(s_image, batch).SelectMany(image => image)];
                float[] actual = model.Run(images), expected = (batch is 2 or 3 ? sized : general).Run(images);
                Assert.Equal(expected, actual);
                Assert.NotEqual((batch is 2 or 3 ? general : sized).Run(images), actual);
            }
        }

        Assert.Equal("cpu.onnx", model.Variant!.Name);
        Assert.Equal("small.onnx", model.SizeVariants[0].Variant.Name);
        Assert.True(model.SizeVariants[0].Placement.NodesOn("Cpu") > 0);
    }

    [SharedModelFact]
    public void Where_a_graph_for_sizes_cannot_start_the_general_one_runs_their_calls()
    {
        Variant small = NewVariant("small.onnx") with
        {
            When = new() { Dimensions = ImmutableSortedDictionary<string, DimensionRange>.Empty.Add("batch", new DimensionRange(1, 1)) },
            SessionConfiguration = ImmutableSortedDictionary<string, string>.Empty.Add("session.load_model_format", "ORT"),
        };
        Variant other = NewVariant("small.onnx") with { Name = "other.onnx", When = new() { Dimensions = small.When.Dimensions.SetItem("batch", new DimensionRange(2, 2)) } };
        using TemporaryFolder folder = NewFolder(NewManifest(small, other, NewVariant("cpu.onnx")), "cpu.onnx");
        File.Copy(SharedModels.Path("digits/digits-cnn-small.onnx"), folder["small.onnx"]);
        var lines = new List<string>();

        using DigitsCnn model = DigitsCnn.Load(folder["digits.onnx"], new ModelOptions { Log = lines.Add }), plain = DigitsCnn.Load(ModelPath);

        Assert.Equal("other.onnx", Assert.Single(model.SizeVariants).Variant.Name);
        Assert.Equal("small.onnx", Assert.Single(model.Placement.SkippedVariants).Variant);
        Assert.Contains("; variant small.onnx skipped: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count);
        Assert.Equal(plain.Run(s_image), model.Run(s_image));
        float[] two = [.. s_image, .. s_image];
        Assert.NotEqual(plain.Run(two), model.Run(two));

        // Who requires a provider requires it for all graphs, and a damaged file is no question of what can start.
        Assert.Throws<OnnxRuntimeException>(() => DigitsCnn.Load(folder["digits.onnx"], new ModelOptions { RequireProvider = true }));
        File.WriteAllText(folder["small.onnx"], "no model");
        Assert.Throws<OnnxRuntimeException>(() => DigitsCnn.Load(folder["digits.onnx"]));
    }

    [SharedModelFact]
    public void A_size_that_no_input_says_chooses_the_general_graph()
    {
        Variant unknown = NewVariant("small.onnx") with { When = new() { Dimensions = ImmutableSortedDictionary<string, DimensionRange>.Empty.Add("sequence", new DimensionRange(0, 99)) } };
        using TemporaryFolder folder = NewFolder(NewManifest(unknown, NewVariant("cpu.onnx")), "cpu.onnx");
        File.Copy(SharedModels.Path("digits/digits-cnn-small.onnx"), folder["small.onnx"]);
        using DigitsCnn model = DigitsCnn.Load(folder["digits.onnx"]), plain = DigitsCnn.Load(ModelPath);

        Assert.Equal(plain.Run(s_image), model.Run(s_image));
    }

    [SharedModelFact]
    public void Without_a_manifest_there_is_no_variant()
    {
        using DigitsCnn model = DigitsCnn.Load(ModelPath);
        Assert.Null(model.Variant);
    }

    [SharedModelFact]
    public void No_variant_for_the_providers_is_an_error_that_lists_what_there_is()
    {
        using TemporaryFolder folder = NewFolder(NewManifest(NewVariant("cuda.onnx", "Cuda")), "cpu.onnx");

        var exception = Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load(folder["digits.onnx"]));
        Assert.EndsWith("has no variant for Cpu; it has cuda.onnx (Cuda)", exception.Message, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void The_variant_says_how_to_load()
    {
        Variant refused = NewVariant("cpu.onnx") with { SessionConfiguration = ImmutableSortedDictionary<string, string>.Empty.Add("session.load_model_format", "ORT") };
        using (TemporaryFolder folder = NewFolder(NewManifest(refused), "cpu.onnx"))
            Assert.Throws<OnnxRuntimeException>(() => DigitsCnn.Load(folder["digits.onnx"]));

        using TemporaryFolder unoptimizedFolder = NewFolder(NewManifest(NewVariant("cpu.onnx") with { LoadOptimization = LoadOptimization.None }), "cpu.onnx");
        using var written = new TemporaryFolder();
        ModelOptions WriteTo(string name) => new() { ConfigureSession = options => options.OptimizedModelFilePath = written[name] };
        DigitsCnn.Load(unoptimizedFolder["digits.onnx"], WriteTo("none.onnx")).Dispose();
        DigitsCnn.Load(ModelPath, WriteTo("all.onnx")).Dispose();
        Assert.NotEqual(File.ReadAllBytes(written["none.onnx"]), File.ReadAllBytes(written["all.onnx"]));
    }

    [SharedModelFact]
    public void Another_signature_is_refused_and_both_are_named()
    {
        CompiledModel other = NewManifest(NewVariant("cpu.onnx")) with { Signature = DigitsCnn.Signature with { Outputs = [] } };
        using TemporaryFolder folder = NewFolder(other, "cpu.onnx");

        var exception = Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load(folder["digits.onnx"]));

        Assert.Equal(
            $"the class DigitsCnn was generated for a model with the signature {DigitsCnn.Signature.Hash}, and {folder["digits.model.json"]} has "
            + $"{other.Signature.Hash}: build the project again, or deploy the model that was built with it", exception.Message);
    }

    [Fact]
    public void A_newer_contract_is_refused_and_both_are_named()
    {
        var exception = Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load("x.onnx", contract: DigitsCnn.NewContract(runtimeContract: 2)));

        Assert.Equal(
            "the class DigitsCnn was generated for version 2 of the runtime contract, and this version of OptimizeTasks.Runtime keeps version 1: "
            + "use the same version of OptimizeTasks and OptimizeTasks.Runtime", exception.Message);
    }

    [SharedModelFact]
    public void A_manifest_of_a_newer_contract_is_refused()
    {
        using TemporaryFolder folder = NewFolder(NewManifest(NewVariant("cpu.onnx")) with { RuntimeContract = 7 }, "cpu.onnx");

        Assert.Contains("needs version 7 of the runtime contract", Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load(folder["digits.onnx"])).Message, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void Without_a_manifest_names_and_types_are_compared()
    {
        Assert.Equal(
            "the model has no input picture, which the class DigitsCnn was generated for",
            Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load(ModelPath, contract: DigitsCnn.NewContract(input: "picture"))).Message);
        Assert.Equal(
            "the class DigitsCnn was generated for image of double, and it is a tensor of float",
            Assert.Throws<ModelMismatchException>(() => DigitsCnn.Load(ModelPath, contract: DigitsCnn.NewContract(type: ElementType.Double))).Message);
    }

    [Fact]
    public void A_missing_model_is_named_with_the_place_where_it_should_be()
    {
        var exception = Assert.Throws<FileNotFoundException>(() => DigitsCnn.Load(path: null));

        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "models/digits-cnn.onnx"), exception.FileName);
        Assert.Contains("DigitsCnn", exception.Message, StringComparison.Ordinal);
    }

    [SharedModelFact]
    public void Streams_and_sessions_load_too()
    {
        using FileStream stream = File.OpenRead(ModelPath);
        using DigitsCnn fromStream = DigitsCnn.Load(stream);
        using var session = new InferenceSession(ModelPath);
        using (var aroundSession = new DigitsCnn(session))
            Assert.Equal(fromStream.Run(s_image), aroundSession.Run(s_image));
        Assert.Single(session.InputNames); // The caller's session outlives the model around it.
    }

    [Fact]
    public void The_resource_of_a_variant_is_named_after_the_models()
    {
        CompiledModel manifest = NewManifest(NewVariant("x.onnx", "Cuda"), NewVariant("x.cpu.onnx", "Cpu"), NewVariant("y.onnx", "Qnn"));
        Assert.Equal(
            ["App.Models.renamed.onnx", "App.Models.renamed.cpu.onnx", "App.Models.renamed.onnx"],
            manifest.Variants.Select(variant => ModelLoader.ResourceName("App.Models.renamed.onnx", manifest, variant)));
    }

    [Fact]
    public void Resources_that_are_missing_or_no_model_are_refused()
    {
        Assert.Contains("NotAModel.onnx", Assert.Throws<FileNotFoundException>(() => DigitsCnn.LoadResource(typeof(LoadTests).Assembly, "none.onnx")).Message, StringComparison.Ordinal);
        Assert.Throws<OnnxRuntimeException>(() => DigitsCnn.LoadResource(typeof(LoadTests).Assembly, "NotAModel.onnx"));
    }

    [SharedModelFact]
    public void The_app_has_the_last_word_on_the_sessions_options()
    {
        using var folder = new TemporaryFolder();
        using DigitsCnn model = DigitsCnn.Load(ModelPath, new ModelOptions { ConfigureSession = options => options.OptimizedModelFilePath = folder["optimized.onnx"] });

        Assert.True(File.Exists(folder["optimized.onnx"]));
    }

    [SharedModelFact]
    public void A_disposed_model_says_so()
    {
        DigitsCnn model = DigitsCnn.Load(ModelPath);
        model.Run(s_image);
        model.Dispose();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Run(s_image));
    }
}
