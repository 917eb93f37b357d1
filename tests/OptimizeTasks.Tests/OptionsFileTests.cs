using System.Text.Json;
using OptimizeTasks.Contract;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tests;

public class OptionsFileTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("C:\\models\\\"x\".onnx")]
    [InlineData("line\nbreak\ttab\u0001")]
    [InlineData("Modèles/模型 😀 @ (1).onnx")]
    public void What_is_written_is_read_by_any_json_reader(string text)
    {
        var options = new OptionsFile();
        options.Add("model", text);
        options.Add("metadata", [new("A", text), new("B", "b")]);
        options.Add("nothing", []);

        JsonElement json = JsonDocument.Parse(options.ToString()).RootElement;

        Assert.Equal(1, json.GetProperty("version").GetInt32());
        Assert.Equal(text, json.GetProperty("model").GetString());
        Assert.Equal(text, json.GetProperty("metadata").GetProperty("A").GetString());
        Assert.Equal("b", json.GetProperty("metadata").GetProperty("B").GetString());
        Assert.Empty(json.GetProperty("nothing").EnumerateObject());
    }

    [Fact]
    public void A_file_differs_until_it_says_the_same()
    {
        using var folder = new TemporaryFolder();
        string path = folder["a/b/options.json"];

        Assert.True(OptionsFile.Differs(path, "é"));
        OptionsFile.Write(path, "é");
        Assert.False(OptionsFile.Differs(path, "é"));
        Assert.True(OptionsFile.Differs(path, "e"));
    }
}
