using OptimizeTasks.Benchmarks.Measuring;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Tables;

/// <summary>
/// What onnxruntime.transformers' <c>optimize_model</c> makes of our models in single precision, operator by operator: its
/// Attention has packed projections and takes the mask as the model has it, its EmbedLayerNormalization looks tokens,
/// positions and types up, biases go into SkipLayerNormalization and BiasGelu. Of ViT and GPT-2 it fuses no attention (its
/// documentation names the exporters' spellings that it knows). Everything around is what our own Simplify leaves, which is
/// less than what it leaves itself, and SkipLayerNormalization of GPT-2 is off by its defaults and on here: a peer no worse
/// than the real one.
/// </summary>
internal static class PeerFusion
{
    private const string Contrib = "com.microsoft";

    /// <summary>The kernels of its operators, whether they are fast on the CPU or not, are those that CUDA has as well.</summary>
    private static readonly string[] s_kernels = ["--providers", "Cuda", "--disabled-passes"];

    /// <summary>Fuses a model in which attention is recognised: an encoder with a mask, BERT's.</summary>
    public static void FuseEncoder(string model, string result)
    {
        Optimize(model, result, [.. s_kernels, "LinearOfRows"]);
        Rewrite(result, graph =>
        {
            TakeMask(graph);
            FuseEmbedding(graph);
        });
    }

    /// <summary>Fuses everything but attention.</summary>
    public static void FuseOthers(string model, string result)
    {
        Optimize(model, result, [.. s_kernels, "LinearOfRows;RaiseAttention;RaiseHeads"]);
        Rewrite(result, graph =>
        {
            foreach (Node gelu in graph.Nodes.Where(n => n.Is("Gelu")).ToArray())
            {
                if (gelu.StringAttribute("approximate", "none") == "tanh")
                    Replace(graph, gelu, graph.Apply("FastGelu", [gelu.Inputs[0]], "fast", domain: Contrib, before: gelu));
            }
        });
    }

    /// <summary>The mask of tokens itself, in the place of what is added to every score.</summary>
    private static void TakeMask(Graph graph)
    {
        Value mask = AsInt32(graph, graph.Find("attention_mask")!);
        foreach (Node attention in graph.Nodes.Where(n => n.OpType == "Attention" && n.Domain == Contrib))
        {
            attention.SetInput(3, mask);
            attention.SetInput(5, null);
        }
    }

    /// <summary>(words + types) + positions, normalised.</summary>
    private static void FuseEmbedding(Graph graph)
    {
        Node norm = graph.Nodes.First(n => n.OpType == "SkipLayerNormalization" && n.Domain == Contrib);
        Node tokens = norm.Inputs[0]!.Producer!;
        Node words = tokens.Inputs[0]!.Producer!, types = tokens.Inputs[1]!.Producer!;
        Tensor places = norm.Inputs[1]!.Producer!.Inputs[0]!.Constant!;
        Value positions = graph.AddInitializer("positions", new Tensor(places.ElementType, [places.Dimensions[^2], places.Dimensions[^1]], places.Data));
        Node embed = graph.AddNode(
            "EmbedLayerNormalization",
            [AsInt32(graph, words.Inputs[1]!), AsInt32(graph, types.Inputs[1]!), words.Inputs[0], positions, types.Inputs[0], norm.Inputs[2], norm.Inputs[3]],
            Contrib,
            before: norm);
        embed.SetAttribute(new FloatAttribute("epsilon", norm.FloatAttribute("epsilon", 1e-5f)));
        embed.SetOutput(0, graph.AddValue(graph.UniqueName("embedded")));
        embed.SetOutput(1, graph.AddValue(graph.UniqueName("mask_index")));
        Replace(graph, norm, embed.Output);
    }

    private static Value AsInt32(Graph graph, Value input) =>
        graph.Apply("Cast", [input], $"{input.Name}_int32", [new IntAttribute("to", (long)ElementType.Int32)], before: graph.First);

    private static void Replace(Graph graph, Node node, Value result)
    {
        graph.Replace(node.Output, result);
        graph.Remove(node);
    }

    private static void Optimize(string model, string result, string[] options) =>
        ChildProcess.Run(Workspace.Folder, "dotnet", [Workspace.Tool, "optimize", model, "-o", result, "--no-verify", .. options]);

    /// <summary>Changes a model in its file, and takes out what nothing uses any more.</summary>
    private static void Rewrite(string path, Action<Graph> change)
    {
        string fused = Path.ChangeExtension(path, ".fused.onnx");
        using (Model model = ModelReader.Read(path))
        {
            change(model.Graph);
            RemoveUnused(model.Graph);
            ModelWriter.Write(model, fused);
        }

        Workspace.Delete(path);
        File.Move(fused, path);
    }

    private static void RemoveUnused(Graph graph)
    {
        while (graph.Nodes.LastOrDefault(n => n.Outputs.All(o => o is null or { IsUnused: true })) is { } node)
            graph.Remove(node);
        foreach (Value value in graph.Initializers.ToArray())
            graph.RemoveIfDead(value);
    }
}
