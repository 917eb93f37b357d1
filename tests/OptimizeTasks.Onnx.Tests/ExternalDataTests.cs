using Google.Protobuf;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public sealed class ExternalDataTests : IDisposable
{
    private const int Count = 4;
    private readonly TemporaryFolder _folder = new();

    public ExternalDataTests() => Directory.CreateDirectory(_folder["models"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_are_read_where_the_model_says()
    {
        Put("models/w.bin", [9, 9, .. Floats()]);
        using Model model = Read(("location", "w.bin"), ("offset", "2"), ("length", "16"));
        Assert.Equal([0f, 1f, 2f, 3f], Weight(model).Read<float>().ToArray());
    }

    [Fact]
    public void Offset_and_length_may_be_absent()
    {
        Put("models/w.bin", [.. Floats(), 9]);
        using Model model = Read(("location", "w.bin"), ("checksum", "ignored"));
        Assert.Equal([0f, 1f, 2f, 3f], Weight(model).Read<float>().ToArray());
    }

    [Fact]
    public void Weights_may_be_in_a_folder_below()
    {
        Put("models/below/w.bin", Floats());
        using Model model = Read(("location", "./below/w.bin"));
        Assert.Equal(Count, Weight(model).ElementCount);
    }

    [Fact]
    public void A_link_within_the_folder_is_followed()
    {
        Put("models/w.bin", Floats());
        File.CreateSymbolicLink(_folder["models/link.bin"], "w.bin");
        using Model model = Read(("location", "link.bin"));
        Assert.Equal([0f, 1f, 2f, 3f], Weight(model).Read<float>().ToArray());
    }

    [Fact]
    public void A_cache_whose_files_are_links_into_one_folder_is_read()
    {
        Put("blobs/1", Message(("location", "w.bin")).ToByteArray());
        Put("blobs/2", Floats());
        File.CreateSymbolicLink(_folder["models/model.onnx"], "../blobs/1");
        File.CreateSymbolicLink(_folder["models/w.bin"], "../blobs/2");
        using Model model = ModelReader.Read(_folder["models/model.onnx"]);
        Assert.Equal([0f, 1f, 2f, 3f], Weight(model).Read<float>().ToArray());
    }

    [Theory]
    [InlineData("../w.bin")]
    [InlineData("below/../../w.bin")]
    [InlineData("..\\w.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\w.bin")]
    [InlineData("file:///w.bin")]
    public void Other_folders_are_outside(string location)
    {
        Put("w.bin", Floats());
        Assert.Equal(ModelFault.ExternalDataOutside, Fault(("location", location)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_that_leads_out_is_outside(bool folder)
    {
        Put("w.bin", Floats());
        if (folder)
            Directory.CreateSymbolicLink(_folder["models/out"], _folder.Path);
        else
            File.CreateSymbolicLink(_folder["models/out.bin"], "../w.bin");
        Assert.Equal(ModelFault.ExternalDataOutside, Fault(("location", folder ? "out/w.bin" : "out.bin")));
    }

    [Fact]
    public void A_link_to_itself_is_missing()
    {
        File.CreateSymbolicLink(_folder["models/loop.bin"], "loop.bin");
        Assert.Equal(ModelFault.ExternalDataMissing, Fault(("location", "loop.bin")));
    }

    [Theory]
    [InlineData("absent.bin", "0")]
    [InlineData("folder", "0")]
    [InlineData("empty.bin", "0")]
    [InlineData("w.bin", "1")]
    [InlineData("w.bin", "9223372036854775807")]
    public void What_is_not_there_is_missing(string location, string offset)
    {
        Put("models/w.bin", Floats());
        Put("models/empty.bin", []);
        Directory.CreateDirectory(_folder["models/folder"]);
        Assert.Equal(ModelFault.ExternalDataMissing, Fault(("location", location), ("offset", offset)));
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "x")]
    [InlineData("length", "15")]
    [InlineData("length", "99999999999999999999")]
    [InlineData("other", "")]
    public void Wrong_entries_are_invalid(string key, string value)
    {
        Put("models/w.bin", Floats());
        Assert.Equal(ModelFault.InvalidGraph, key == "other" ? Fault((key, value)) : Fault(("location", "w.bin"), (key, value)));
    }

    [Fact]
    public void A_model_in_memory_has_no_other_files() =>
        Assert.Equal(ModelFault.ExternalDataMissing, Assert.Throws<ModelFormatException>(() => ModelReader.Read(Message(("location", "w.bin")).ToByteArray())).Fault);

    [Fact]
    public void A_refused_model_leaves_no_file_open()
    {
        Put("models/w.bin", Floats());
        Assert.Throws<ModelFormatException>(() => Read(("location", "w.bin"), ("offset", "1")));
        using FileStream stream = new(_folder["models/w.bin"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    private static byte[] Floats() => [.. Enumerable.Range(0, Count).SelectMany(i => BitConverter.GetBytes((float)i))];

    private static Tensor Weight(Model model) => model.Graph.Find("w")!.Constant!;

    private static ModelProto Message(params (string Key, string Value)[] entries)
    {
        ModelProto message = SmallModel.Message((["x", "w"], ["y"]));
        var tensor = new TensorProto { Name = "w", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(Count);
        tensor.ExternalData.Add(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
        message.Graph.Initializer.Add(tensor);
        return message;
    }

    private void Put(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], bytes);
    }

    private Model Read(params (string Key, string Value)[] entries)
    {
        Put("models/model.onnx", Message(entries).ToByteArray());
        return ModelReader.Read(_folder["models/model.onnx"]);
    }

    private ModelFault Fault(params (string Key, string Value)[] entries) => Assert.Throws<ModelFormatException>(() => Read(entries)).Fault;
}
