using System.Runtime.InteropServices;
using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;
using static OptimizeTasks.Robustness.Hostile.HostileFile;

namespace OptimizeTasks.Robustness.Hostile;

/// <summary>Files that are no files, and external data that is not where it may be: one diagnostic, and no waiting.</summary>
public sealed partial class BadFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BadFileTests()
    {
        Directory.CreateDirectory(_folder["in"]);
        File.WriteAllBytes(_folder["outside"], new byte[4096]);
    }

    private string Model => _folder["in/model.onnx"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pipe()
    {
        if (MakePipe(Model))
            Refused("OPT1002");
    }

    [Fact]
    public void A_link_to_a_pipe()
    {
        if (!MakePipe(_folder["pipe"]))
            return;
        File.CreateSymbolicLink(Model, _folder["pipe"]);
        Refused("OPT1002");
    }

    [Fact]
    public void A_link_to_itself()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.CreateSymbolicLink(Model, Model);
        Refused("OPT5006");
    }

    [Fact]
    public void Data_in_a_pipe()
    {
        if (!MakePipe(_folder["in/data"]))
            return;
        Write(("data", "0"));
        Refused("OPT1004");
    }

    [Fact]
    public void Data_behind_a_link_out_of_the_folder()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.CreateSymbolicLink(_folder["in/data"], _folder["outside"]);
        Write(("data", "0"));
        Refused("OPT1005");
    }

    [Fact]
    public void Data_in_a_folder_that_is_a_link()
    {
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateSymbolicLink(_folder["in/sub"], _folder.Path);
        Write(("sub/outside", "0"));
        Refused("OPT1005");
    }

    [Theory]
    [InlineData("../outside", "0", "OPT1005")]
    [InlineData("sub/../../outside", "0", "OPT1005")]
    [InlineData("..\\outside", "0", "OPT1005")]
    [InlineData("/etc/hosts", "0", "OPT1005")]
    [InlineData("nothing", "0", "OPT1004")]
    [InlineData("", "0", "OPT1007")]
    [InlineData("data", "1", "OPT1004")]
    [InlineData("data", "-1", "OPT1007")]
    [InlineData("data", "9223372036854775807", "OPT1004")]
    [InlineData("data", "9223372036854775808", "OPT1007")]
    public void Data_that_is_elsewhere(string location, string offset, string code)
    {
        File.WriteAllBytes(_folder["in/data"], new byte[16]);
        Write((location, offset));
        Refused(code);
    }

    [Fact]
    public void Ranges_that_overlap_are_shared()
    {
        File.WriteAllBytes(_folder["in/data"], new byte[32]);
        Write(("data", "0"), ("data", "8"), ("./data", "0"));
        foreach (MeasuredTool run in Run())
            Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void A_cycle() => Refused(Node("Relu", ["b"], "a"), Node("Relu", ["a"], "b"));

    [Fact]
    public void A_node_that_uses_itself() => Refused(Node("Relu", ["a"], "a"));

    [Fact]
    public void Two_producers() => Refused(Node("Relu", ["x"], "y"));

    [Fact]
    public void A_missing_input() => Refused(Node("Relu", ["nothing"], "a"));

    [Fact]
    public void A_branch_that_returns_an_outer_value()
    {
        NodeProto node = Node("If", ["x"], "a");
        node.Attribute.Add(Attribute("then_branch", new GraphProto { Name = "then", Output = { Float("y", 4) } }));
        Refused(node);
    }

    private void Refused(params NodeProto[] nodes)
    {
        File.WriteAllBytes(Model, Small(nodes).ToByteArray());
        Refused("OPT1007");
    }

    private void Refused(string code)
    {
        foreach (MeasuredTool run in Run())
        {
            Assert.Contains($" : error {code}: ", Assert.Single(run.Errors), StringComparison.Ordinal);
            Assert.Equal(1, run.ExitCode);
        }
    }

    private MeasuredTool[] Run()
    {
        MeasuredTool[] runs = [MeasuredTool.Run("inspect", Model), MeasuredTool.Run("optimize", Model, "-o", _folder["out/model.onnx"], "--no-verify")];
        Assert.All(runs, Diagnosed.Check);
        return runs;
    }

    /// <summary>A model with weights of 16 bytes at these places.</summary>
    private void Write(params (string Location, string Offset)[] weights)
    {
        ModelProto model = Small();
        foreach ((string location, string offset) in weights)
        {
            model.Graph.Initializer.Add(new TensorProto
            {
                Name = $"w{model.Graph.Initializer.Count}",
                DataType = 1,
                Dims = { 4 },
                DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { new StringStringEntryProto { Key = "location", Value = location }, new StringStringEntryProto { Key = "offset", Value = offset } },
            });
        }

        File.WriteAllBytes(Model, model.ToByteArray());
    }

    private static bool MakePipe(string path) => !OperatingSystem.IsWindows() && MakePipe(path, 0x180) == 0;

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, int mode);
}
