using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Tests;
using OptimizeTasks.Robustness.RoundTrips;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>The models that are damaged: the small shared ones where they are, and our own everywhere.</summary>
internal static class Corpus
{
    /// <summary>Damage in large weights shows nothing, and takes time.</summary>
    private const int LargestModel = 20_000;

    private const int RandomModels = 30;

    /// <summary>The file of external data beside each model.</summary>
    public const string DataFile = "weights.bin";

    public const int DataLength = 4096;

    public static IReadOnlyList<(string Name, byte[] Bytes)> Models { get; } = [.. Own(), .. Shared()];

    private static IEnumerable<(string Name, byte[] Bytes)> Own()
    {
        yield return ("every field", EveryField.Model(3).ToByteArray());
        yield return ("every field, large", EveryField.Model(1500).ToByteArray());
        yield return ("functions", FunctionsModel().ToByteArray());
        yield return ("external data", ExternalModel().ToByteArray());
        for (int seed = 0; seed < RandomModels; seed++)
            yield return (FormattableString.Invariant($"random {seed}"), RandomModel.Draw(seed).ToByteArray());
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Shared() => SharedModels.Fusion
        .Append("digits/digits-cnn-small.onnx")
        .Where(name => SharedModels.Root is not null && new FileInfo(SharedModels.Path(name)).Length <= LargestModel)
        .Select(name => (name, File.ReadAllBytes(SharedModels.Path(name))));

    /// <summary>A function that calls a function, with an attribute that is passed on, in a branch of an If.</summary>
    private static ModelProto FunctionsModel()
    {
        ModelProto model = Around(new GraphProto
        {
            Name = "functions",
            Input = { Float("x", 2, 3) },
            Output = { Float("y", 2, 3) },
            Initializer = { new TensorProto { Name = "go", DataType = 9, Int32Data = { 1 } } },
            Node = { Call("Outer", "x", "a"), If("go", Call("Inner", "a", "t"), Call("Outer", "a", "e"), "y") },
        });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        foreach ((string name, NodeProto[] nodes) in new[] { ("Outer", [Call("Inner", "p", "q"), Node("Add", ["q", "p"], "r")]), ("Inner", new[] { Node("Relu", ["p"], "q"), Node("Mul", ["q", "q"], "r") }) })
        {
            var function = new FunctionProto { Name = name, Domain = "own", Input = { "p" }, Output = { "r" } };
            function.Node.Add(nodes);
            function.OpsetImport.Add(model.OpsetImport);
            model.Functions.Add(function);
        }

        return model;
    }

    private static ModelProto ExternalModel() => Around(new GraphProto
    {
        Name = "external",
        Input = { Float("x", 4, 8) },
        Output = { Float("y", 4, 16) },
        Initializer = { External("w", 0, 8, 16), External("b", 1024, 16) },
        Node = { Node("MatMul", ["x", "w"], "a"), Node("Add", ["a", "b"], "c"), Node("Identity", ["c"], "y") },
    });

    private static ModelProto Around(GraphProto graph)
    {
        var model = new ModelProto { IrVersion = 9, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 18 });
        return model;
    }

    private static TensorProto External(string name, long offset, params long[] sizes) => new()
    {
        Name = name,
        DataType = 1,
        Dims = { sizes },
        DataLocation = TensorProto.Types.DataLocation.External,
        ExternalData =
        {
            new StringStringEntryProto { Key = "location", Value = DataFile },
            new StringStringEntryProto { Key = "offset", Value = offset.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        },
    };

    private static NodeProto Call(string function, string input, string output)
    {
        NodeProto node = Node(function, [input], output);
        node.Domain = "own";
        node.Name = output + "_call";
        return node;
    }

    private static NodeProto If(string condition, NodeProto then, NodeProto otherwise, string output)
    {
        NodeProto node = Node("If", [condition], output);
        foreach ((string name, NodeProto branch) in new[] { ("then_branch", then), ("else_branch", otherwise) })
        {
            var graph = new GraphProto { Name = name, Node = { branch }, Output = { Float(branch.Output[0], 2, 3) } };
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph });
        }

        return node;
    }

    private static NodeProto Node(string opType, string[] inputs, string output)
    {
        var node = new NodeProto { OpType = opType, Output = { output } };
        node.Input.Add(inputs);
        return node;
    }

    private static ValueInfoProto Float(string name, params long[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(s => new TensorShapeProto.Types.Dimension { DimValue = s }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } } };
    }
}
