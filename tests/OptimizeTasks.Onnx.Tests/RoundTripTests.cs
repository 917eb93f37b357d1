using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public class RoundTripTests
{
    public static TheoryData<string> Models => [.. SharedModels.All.Concat(SharedModels.Fusion)];

    [SharedModelTheory]
    [MemberData(nameof(Models))]
    public void Reading_and_writing_changes_nothing(string name)
    {
        using var folder = new TemporaryFolder();
        byte[] original = File.ReadAllBytes(SharedModels.Path(name));
        using Model model = ModelReader.Read(SharedModels.Path(name));
        ModelWriter.Write(model, folder["copy.onnx"]);
        byte[] copy = File.ReadAllBytes(folder["copy.onnx"]);

        ModelProto before = ModelProto.Parser.ParseFrom(original);
        ModelProto after = ModelProto.Parser.ParseFrom(copy);
        RemoveRepeatedConstants(before.Graph);
        if (!IsSorted(before.Graph))
        {
            Assert.True(IsSorted(after.Graph));
            OrderByOutput(before.Graph);
            OrderByOutput(after.Graph);
        }

        // The messages' own equality ignores which fields are present, and comparing arrays element by element is slow.
        Assert.Equal(before, after);
        Assert.True(before.ToByteArray().AsSpan().SequenceEqual(after.ToByteArray()));
        Assert.True(copy.AsSpan().SequenceEqual(ModelWriter.ToBytes(ModelReader.Read(original))));
        Assert.Equal(["copy.onnx"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    /// <summary>One of the models has two Constants of one name.</summary>
    private static void RemoveRepeatedConstants(GraphProto graph)
    {
        var later = new HashSet<string>();
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i] is { OpType: "Constant" } constant && !later.Add(constant.Output[0]))
                graph.Node.RemoveAt(i);
        }
    }

    private static bool IsSorted(GraphProto graph)
    {
        HashSet<string> missing = [.. graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0)];
        foreach (NodeProto node in graph.Node)
        {
            if (missing.Overlaps(node.Input))
                return false;
            missing.ExceptWith(node.Output);
        }

        return true;
    }

    private static void OrderByOutput(GraphProto graph)
    {
        NodeProto[] nodes = [.. graph.Node.OrderBy(n => string.Join(' ', n.Output), StringComparer.Ordinal)];
        graph.Node.Clear();
        graph.Node.Add(nodes);
    }
}
