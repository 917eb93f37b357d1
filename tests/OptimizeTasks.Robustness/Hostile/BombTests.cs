using System.Globalization;
using System.Text;
using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;
using Xunit.Abstractions;
using static OptimizeTasks.Robustness.Hostile.HostileFile;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>
/// Models that ask for far more than they are: read and compiled in 5 s of processor time and in no more memory than four
/// times their file and 200 MB, or refused with one diagnostic.
/// </summary>
public sealed class BombTests(ITestOutputHelper output) : IDisposable
{
    private const long Memory = 200_000_000;

    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, Func<byte[]>> s_bombs = new()
    {
        ["a million nodes"] = () => With(Times(1_000_000, i => Field(1, Node("Relu", ["x"], $"n{i}").ToByteArray()))),
        ["a million nodes in a chain"] = () => With(Times(1_000_000, i => Field(1, Node("Relu", [i == 0 ? "x" : $"n{i - 1}"], $"n{i}").ToByteArray()))),
        ["a million empty nodes"] = () => With(Times(1_000_000, [0x0a, 0x00])),
        ["a million attributes"] = () => With(Field(1, [.. Node("Relu", ["x"], "z").ToByteArray(), .. Times(1_000_000, [0x2a, 0x00])])),
        ["a million named attributes"] = () => With(Field(1, [.. Node("Relu", ["x"], "z").ToByteArray(), .. Times(1_000_000, i => Field(5, new AttributeProto { Name = $"a{i}", Type = AttributeProto.Types.AttributeType.Int, I = i }.ToByteArray()))])),
        ["nodes of many attributes"] = () => With(Times(100, i => Field(1, [.. Node("Op", ["x"], $"z{i}").ToByteArray(), .. Times(512, k => Field(5, new AttributeProto { Name = $"a{k}", Type = AttributeProto.Types.AttributeType.Int, I = k }.ToByteArray()))]))),
        ["a million initializers"] = () => With(Times(1_000_000, i => Field(5, new TensorProto { Name = $"w{i}", DataType = 1, Dims = { 0 } }.ToByteArray()))),
        ["a million empty initializers"] = () => With(Times(1_000_000, [0x2a, 0x00])),
        ["a million inputs"] = () => With(Times(1_000_000, i => Field(11, Float($"i{i}").ToByteArray()))),
        ["a million outputs"] = () => With(Times(1_000_000, [0x62, 0x03, 0x0a, 0x01, (byte)'y'])),
        ["a million descriptions"] = () => With(Times(1_000_000, [0x6a, 0x00])),
        ["a million annotations"] = () => With(Times(1_000_000, [0x72, 0x00])),
        ["a million entries of metadata"] = () => [.. With(), .. Times(1_000_000, [0x72, 0x00])],
        ["a million operator sets"] = () => [.. With(), .. Times(1_000_000, [0x42, 0x00])],
        ["a million functions"] = () => [.. With(), .. Times(1_000_000, [0xca, 0x01, 0x00])],
        ["a million inputs of a node"] = () => With(Field(1, [.. Node("Sum", [], "z").ToByteArray(), .. Times(1_000_000, [0x0a, 0x01, (byte)'x'])])),
        ["a million absent inputs of a node"] = () => With(Field(1, [.. Node("Sum", [], "z").ToByteArray(), .. Times(1_000_000, [0x0a, 0x00])])),
        ["a million sizes of a tensor"] = () => With(Field(5, [0x10, 0x01, 0x42, 0x01, (byte)'w', .. Field(1, Times(1_000_000, [0x01]))])),
        ["a million sizes of an input"] = () => With(Field(11, [.. Field(1, "i"u8), .. Field(2, Field(1, [0x08, 0x01, .. Field(2, Times(1_000_000, [0x0a, 0x00]))]))])),
        ["numbers of one byte"] = () => With(Field(1, [.. Node("Op", ["x"], "z").ToByteArray(), .. Field(5, [.. Field(1, "ints"u8), 0xa0, 0x01, 0x07, .. Field(8, Times(1_000_000, [0x01]))])])),
        ["elements of one byte"] = () => With(Field(5, [0x10, 0x07, 0x42, 0x01, (byte)'w', 0x08, .. Fuzzing.WireMessage.Varint(3_000_000), .. Field(7, Times(3_000_000, [0x01]))])),
        ["texts of no byte"] = () => With(Field(5, [0x10, 0x08, 0x42, 0x01, (byte)'w', 0x08, .. Fuzzing.WireMessage.Varint(5_000_000), .. Times(5_000_000, [0x32, 0x00])])),
        ["200,000 nodes"] = () => With(Times(200_000, i => Field(1, Node("Relu", ["x"], $"n{i}").ToByteArray()))),
        ["200,000 nodes in a chain"] = () => With(Times(200_000, i => Field(1, Node("Relu", [i == 0 ? "x" : $"n{i - 1}"], $"n{i}").ToByteArray()))),
        ["20 million numbers of one byte"] = () => With(Field(1, [.. Node("Op", ["x"], "z").ToByteArray(), .. Field(5, [.. Field(1, "ints"u8), 0xa0, 0x01, 0x07, .. Field(8, Times(20_000_000, [0x01]))])])),
        ["10 million numbers of two bytes"] = () => With(Field(1, [.. Node("Op", ["x"], "z").ToByteArray(), .. Field(5, [.. Field(1, "ints"u8), 0xa0, 0x01, 0x07, .. Times(10_000_000, [0x40, 0x01])])])),
        ["20 million elements of one byte"] = () => With(Field(5, [0x10, 0x07, 0x42, 0x01, (byte)'w', 0x08, .. Fuzzing.WireMessage.Varint(20_000_000), .. Field(7, Times(20_000_000, [0x01]))])),
        ["a name of 100 megabytes"] = () => With(Field(1, Node("Relu", ["x"], new string('n', 100_000_000)).ToByteArray())),
        ["names of a megabyte"] = () => With(Times(20, i => Field(1, Node("Relu", ["x"], i + new string('n', 1 << 20)).ToByteArray()))),
        ["a name of 20 megabytes"] = () => With(Field(1, Node("Relu", ["x"], new string('n', 20 << 20)).ToByteArray())),
        ["a function bomb"] = () => FunctionBomb(30, 10),
        ["a function bomb below the limit"] = () => FunctionBomb(4, 20),
        ["functions deep inside each other"] = () => FunctionBomb(100_000, 1),
        ["subgraphs of subgraphs"] = () => Subgraphs(30, 3),
        ["a shape whose product overflows"] = () => WithShape(1L << 40, 1L << 40),
        ["a constant of an exabyte"] = () => WithShape(1L << 60),
        ["a constant of 100 GB"] = () => WithShape(100_000, 1_000_000),
        ["constants that grow"] = Growth,
        ["a constant range without end"] = () => Constants(Node("Range", ["zero", "huge", "one"], "z")),
        ["a constant tile without end"] = () => Constants(Node("Tile", ["one1", "huge1"], "z")),
        ["constants that are multiplied"] = Multiplications,
        ["a constant loop without end"] = Loop,
        ["texts that are no UTF-8"] = () => With(Field(2, [0xff, 0xfe, 0xfd]), Field(11, Field(1, [0xc0, 0x80]))),
        ["expressions of symbols"] = () => With(Field(11, Symbolic("i", string.Join('*', Enumerable.Range(0, 20_000).Select(i => $"(a{i}+b{i})"))).ToByteArray())),
        ["many sizes multiplied"] = Products,
        ["a size with a name of a megabyte"] = LongSize,
    };

    /// <summary>What comparing models has to do with: many of one kind.</summary>
    private static readonly string[] s_compared = ["a million nodes", "nodes of many attributes", "a million initializers", "a million outputs", "names of a megabyte", "subgraphs of subgraphs", "a size with a name of a megabyte"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. s_bombs.Keys];

    public static TheoryData<string> Compared => [.. s_compared];

    public static TheoryData<string> NotCompared => [.. s_bombs.Keys.Except(s_compared)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bomb_is_defused(string name)
    {
        string path = _folder["in.onnx"];
        File.WriteAllBytes(path, s_bombs[name]());

        Check(path, "inspect", path);
        Check(path, "optimize", path, "-o", _folder["out/out.onnx"], "--no-verify");
    }

    [Theory]
    [MemberData(nameof(Compared))]
    public void A_bomb_is_compared(string name)
    {
        string bomb = _folder["bomb.onnx"], small = _folder["small.onnx"];
        File.WriteAllBytes(bomb, s_bombs[name]());
        File.WriteAllBytes(small, With());

        Check(bomb, "diff", bomb, bomb, "--weights");
        Check(bomb, "diff", bomb, small, "--format", "json");
        Check(bomb, "diff", small, bomb);
        Check(bomb, "generate", bomb, "-o", _folder["Bomb.g.cs"]);
    }

    [Theory]
    [MemberData(nameof(NotCompared))]
    [Trait("Lane", "Long")]
    public void So_are_the_others(string name) => A_bomb_is_compared(name);

    private void Check(string path, params string[] arguments)
    {
        // Each model has the memory to itself.
        int models = arguments[0] == "diff" ? 2 : 1;
        long most = (4 * new FileInfo(path).Length * arguments.Count(a => a == path)) + (Memory * models);
        MeasuredTool run = MeasuredTool.Run(arguments);
        string what = string.Create(CultureInfo.InvariantCulture, $"{arguments[0]}: {run.ExitCode}, {run.Time.TotalSeconds:0.0} s, {run.PeakMemory / 1e6:0} of {most / 1e6:0} MB{(run.Errors.Length > 0 ? ": " + run.Errors[0][..Math.Min(300, run.Errors[0].Length)] : "")}");
        output.WriteLine(what);
        Diagnosed.Check(run);
        Assert.True(run.Time < s_time, what);
        Assert.True(run.PeakMemory < most, what);
    }

    /// <summary>Functions, each of which calls the next one so many times.</summary>
    private static byte[] FunctionBomb(int depth, int calls)
    {
        var text = new StringBuilder();
        ModelProto model = Small(Call(0, "x", "z"));
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        for (int i = 0; i < depth; i++)
        {
            var function = new FunctionProto { Name = $"f{i}", Domain = "own", Input = { "p" }, Output = { $"v{calls - 1}" } };
            for (int call = 0; call < calls; call++)
                function.Node.Add(i == depth - 1 ? Node("Relu", [call == 0 ? "p" : $"v{call - 1}"], $"v{call}") : Call(i + 1, call == 0 ? "p" : $"v{call - 1}", $"v{call}"));
            function.OpsetImport.Add(model.OpsetImport);
            model.Functions.Add(function);
        }

        model.Graph.Output.Add(Float("z", 4));
        return model.ToByteArray();
    }

    private static NodeProto Call(int function, string input, string output)
    {
        NodeProto node = Node($"f{function}", [input], output);
        node.Domain = "own";
        return node;
    }

    /// <summary>Branches in branches.</summary>
    private static byte[] Subgraphs(int depth, int nodes)
    {
        var graph = new GraphProto { Name = "inner", Node = { Node("Relu", ["x"], "r") }, Output = { Float("r", 4) } };
        for (int i = 0; i < depth; i++)
        {
            var outer = new GraphProto { Name = $"g{i}" };
            for (int n = 0; n < (graph.CalculateSize() < 1_000_000 ? nodes : 1); n++)
            {
                NodeProto node = Node("Loop", ["", "", "x"], $"o{i}_{n}");
                node.Attribute.Add(Attribute("body", graph));
                outer.Node.Add(node);
            }

            outer.Output.Add(Float($"o{i}_0", 4));
            graph = outer;
        }

        ModelProto model = Small(graph.Node);
        model.Graph.Output.Add(graph.Output);
        return model.ToByteArray();
    }

    private static byte[] WithShape(params long[] sizes)
    {
        ModelProto model = Small(Node("ConstantOfShape", ["shape"], "big"), Node("Add", ["big", "big"], "sum"), Node("ReduceSum", ["sum"], "z"));
        model.Graph.Initializer.Add(Int64("shape", sizes));
        model.Graph.Output.Add(Float("z"));
        return model.ToByteArray();
    }

    /// <summary>Each constant is the one before twice.</summary>
    private static byte[] Growth()
    {
        ModelProto model = Small(Enumerable.Range(0, 50).Select(i => Concat(i == 0 ? "c" : $"c{i - 1}", $"c{i}")));
        model.Graph.Initializer.Add(Int64("c", 1, 2, 3, 4));
        model.Graph.Output.Add(new ValueInfoProto { Name = "c49" });
        return model.ToByteArray();

        static NodeProto Concat(string from, string to)
        {
            NodeProto node = Node("Concat", [from, from], to);
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
            return node;
        }
    }

    private static byte[] Constants(params NodeProto[] nodes)
    {
        ModelProto model = Small(nodes);
        model.Graph.Initializer.Add(
        [
            new TensorProto { Name = "zero", DataType = 7, Int64Data = { 0 } }, new TensorProto { Name = "one", DataType = 7, Int64Data = { 1 } },
            new TensorProto { Name = "huge", DataType = 7, Int64Data = { long.MaxValue } }, Int64("one1", 1), Int64("huge1", long.MaxValue),
        ]);
        model.Graph.Output.Add(new ValueInfoProto { Name = "z" });
        return model.ToByteArray();
    }

    /// <summary>Small files, small results, hours of work.</summary>
    private static byte[] Multiplications()
    {
        NodeProto[] nodes =
        [
            Node("ConstantOfShape", ["shape"], "m0"),
            .. Enumerable.Range(1, 2000).Select(i => Node("MatMul", [$"m{i - 1}", $"m{i - 1}"], $"m{i}")),
        ];
        ModelProto model = Small(nodes);
        model.Graph.Initializer.Add(Int64("shape", 1000, 1000));
        model.Graph.Output.Add(Float("m2000", 1000, 1000));
        return model.ToByteArray();
    }

    private static byte[] Loop()
    {
        var body = new GraphProto
        {
            Name = "body",
            Input = { new ValueInfoProto { Name = "i" }, new ValueInfoProto { Name = "go" }, new ValueInfoProto { Name = "s" } },
            Node = { Node("Identity", ["go"], "go_on"), Node("Sin", ["s"], "s_out") },
            Output = { new ValueInfoProto { Name = "go_on" }, new ValueInfoProto { Name = "s_out" } },
        };
        NodeProto loop = Node("Loop", ["huge", "", "start"], "z");
        loop.Attribute.Add(Attribute("body", body));
        ModelProto model = Small(loop);
        model.Graph.Initializer.Add([new TensorProto { Name = "huge", DataType = 7, Int64Data = { long.MaxValue } }, new TensorProto { Name = "start", DataType = 1, FloatData = { 1 } }]);
        model.Graph.Output.Add(Float("z"));
        return model.ToByteArray();
    }

    private static ValueInfoProto Symbolic(string name, params string[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(s => new TensorShapeProto.Types.Dimension { DimParam = s }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } } };
    }

    /// <summary>Every inner value has the size of the input, and one more.</summary>
    private static byte[] LongSize()
    {
        ModelProto model = Small(Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? Node("Relu", [$"v{i}"], $"v{i + 1}") : Node("Concat", [$"v{i}", "one"], $"v{i + 1}")));
        foreach (NodeProto node in model.Graph.Node.Where(n => n.OpType == "Concat"))
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
        model.Graph.Initializer.Add(new TensorProto { Name = "one", DataType = 1, Dims = { 1 }, FloatData = { 1 } });
        model.Graph.Input.Add(Symbolic("v0", new string('n', 1 << 20)));
        model.Graph.Output.Add(new ValueInfoProto { Name = "v400", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        return model.ToByteArray();
    }

    /// <summary>Sums of symbols, multiplied again and again: as polynomials they would have exponentially many terms.</summary>
    private static byte[] Products()
    {
        var nodes = new List<NodeProto> { Node("Shape", ["i"], "s0") };
        for (int i = 0; i < 60; i++)
            nodes.Add(Node(i % 2 == 0 ? "Mul" : "Add", [$"s{i}", $"s{Math.Max(0, i - 1)}"], $"s{i + 1}"));
        nodes.Add(Node("ReduceProd", ["s60"], "p"));
        nodes.Add(Node("Expand", ["x1", "s60"], "z"));
        ModelProto model = Small(nodes);
        model.Graph.Input.Add([Symbolic("i", "a", "b", "c", "d", "e", "f", "g", "h"), Float("x1", 1)]);
        model.Graph.Output.Add(new ValueInfoProto { Name = "z", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        return model.ToByteArray();
    }
}
