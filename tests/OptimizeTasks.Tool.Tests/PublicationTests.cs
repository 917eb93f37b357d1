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

    /// <summary>The number that all weights of the published model are; the manifest says the same, and leads to the same.</summary>
    private int Content()
    {
        var manifest = CompiledModel.ReadFile(_folder["out/m.model.json"]);
        int content = int.Parse(manifest.SourceHash, CultureInfo.InvariantCulture);
        Assert.Equal(content, Weights(manifest.Variants[0].File));
        Assert.All(manifest.Variants[0].DataFiles, name => Assert.True(File.Exists(_folder["out/" + name])));
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
    private int Publish(int content, bool hasData, int steps)
    {
        using var staging = new StagingFolder(_folder["out"]);
        var files = new CompiledFiles(staging, _folder["out/m.onnx"]);
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of([Count])));
        float[] weights = new float[Count];
        Array.Fill(weights, content);
        graph.AddOutput(graph.Apply("Add", [x, graph.AddInitializer("w", Tensor.Create<float>(ElementType.Float, [Count], weights))], "y"));
        var model = new Model(graph) { IrVersion = 8 };
        model.Opsets[""] = 17;
        ModelWriter.Write(model, files.ModelPath, new WriteOptions { ExternalData = hasData });
        Assert.Equal(hasData, files.HasData);
        var manifest = new CompiledModel
        {
            Name = "m",
            SourceHash = content.ToString(CultureInfo.InvariantCulture),
            Signature = new Signature { Inputs = [], Outputs = [] },
            Variants = [new Variant { Name = "default", File = files.ModelName, DataFiles = hasData ? [files.DataName] : [] }],
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
