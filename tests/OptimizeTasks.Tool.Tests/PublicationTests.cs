using System.Globalization;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Compilation;

using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Tool.Tests;

public sealed class PublicationTests : IDisposable
{
    private const int Count = 4000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void After_any_number_of_steps_a_whole_result_is_there(bool oldHasData, bool newHasData)
    {
        int last = int.MaxValue;
        for (int steps = 0; steps <= last; steps++)
        {
            Publish(1, oldHasData, int.MaxValue);
            int taken = Publish(2, newHasData, steps);
            Assert.Contains(Content(), taken < steps ? [2] : (int[])[1, 2]);
            if (taken < steps)
                last = steps;
            // What a killed run left does not hold up the next one, nor stay.
            Publish(3, newHasData, steps);
            Assert.InRange(Content(), 1, 3);
            Publish(4, newHasData, int.MaxValue);
            Assert.Equal(4, Content());
            Assert.Equal(newHasData ? ["m.model.json", "m.onnx", "m.onnx.data"] : ["m.model.json", "m.onnx"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }

        Assert.True(last > 1);
    }

    [Theory]
    [InlineData("", "cpu")]
    [InlineData("cpu", "")]
    [InlineData("cpu cuda", "cpu webgpu")]
    public void Variants_come_and_go_with_the_model(string oldVariants, string newVariants)
    {
        string[] before = oldVariants.Split(' ', StringSplitOptions.RemoveEmptyEntries), behind = newVariants.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int last = int.MaxValue;
        for (int steps = 0; steps <= last; steps++)
        {
            Publish(1, true, int.MaxValue, before);
            int taken = Publish(2, true, steps, behind);
            Assert.Contains(Content(), taken < steps ? [2] : (int[])[1, 2]);
            if (taken < steps)
                last = steps;
            Publish(4, true, int.MaxValue, behind);
            Assert.Equal(4, Content());
            IEnumerable<string> stray = before.Except(behind).Select(name => $"m.{name}.onnx");
            Assert.Equal(
                behind.Select(name => $"m.{name}.onnx").Concat(["m.model.json", "m.onnx", "m.onnx.data"]).Order(StringComparer.Ordinal),
                Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).Where(name => taken < steps || !stray.Contains(name)));
            Directory.Delete(_folder["out"], recursive: true);
        }

        Assert.True(last > 1);
    }

    [Fact]
    public void What_a_manifest_names_and_no_compilation_made_stays()
    {
        Publish(1, false, int.MaxValue, ["cpu", "other"]);
        File.WriteAllText(_folder["out/m.other.model.json"], "another model's");
        File.WriteAllText(_folder["out/m.notes.onnx"], "nobody's");

        Publish(2, false, int.MaxValue, []);

        Assert.Equal(["m.model.json", "m.notes.onnx", "m.onnx", "m.other.model.json", "m.other.onnx"], Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    /// <summary>The number that all weights of the published model are; the manifest says the same, and leads to the same.</summary>
    private int Content()
    {
        var manifest = CompiledModel.ReadFile(_folder["out/m.model.json"]);
        int content = int.Parse(manifest.SourceHash, CultureInfo.InvariantCulture);
        foreach (Variant variant in manifest.Variants)
        {
            Assert.Equal(content, Weights(variant.File));
            Assert.All(variant.DataFiles, name => Assert.True(File.Exists(_folder["out/" + name])));
        }

        // Its own name leads to a whole model too, perhaps to the other one.
        Assert.InRange(Weights("m.onnx"), 1, 4);
        return content;
    }

    private int Weights(string name)
    {
        using Model model = ModelReader.Read(_folder["out/" + name]);
        float[] weights = model.Graph.Initializers.Single().Constant!.Read<float>().ToArray();
        return (int)Assert.Single(weights.Distinct());
    }

    /// <returns>How many steps were taken.</returns>
    private int Publish(int content, bool hasData, int steps, params string[] variants)
    {
        using var staging = new StagingFolder(_folder["out"]);
        var files = new CompiledFiles(staging, _folder["out/m.onnx"], variants.Select(name => $"m.{name}.onnx"));
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of([Count])));
        float[] weights = new float[Count];
        Array.Fill(weights, content);
        graph.AddOutput(graph.Apply("Add", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [Count], weights))], "y"));
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = 17;
        using (var writer = new ModelSetWriter(files.DataPath, new WriteOptions { ExternalData = hasData }))
        {
            foreach (string path in files.ModelPaths)
            {
                model.Graph.Name = Path.GetFileName(path);
                writer.Add(model, path);
            }

            writer.Commit();
        }

        Assert.Equal(hasData, files.HasData);
        var manifest = new CompiledModel
        {
            Name = "m",
            SourceHash = content.ToString(CultureInfo.InvariantCulture),
            Signature = new Signature { Inputs = [], Outputs = [] },
            Variants = [.. files.ModelPaths.Select(Path.GetFileName).Select(name => new Variant { Name = name!, File = name!, DataFiles = hasData ? [files.DataName] : [] })],
        };
        File.WriteAllText(files.ManifestPath, manifest.ToJson());

        int taken = 0;
        foreach (Action step in new Publication(staging, files).Steps().Take(steps))
        {
            step();
            taken++;
        }

        return taken;
    }
}
