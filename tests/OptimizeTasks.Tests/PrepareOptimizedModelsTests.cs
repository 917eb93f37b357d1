using System.Text.Json;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tests;

public sealed class PrepareOptimizedModelsTests : IDisposable
{
    private static readonly DateTime s_past = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingEngine _engine = new();

    public PrepareOptimizedModelsTests()
    {
        Directory.CreateDirectory(_folder["tool"]);
        File.WriteAllText(_folder["tool/OptimizeTasks.Tool.dll"], "tool");
    }

    [Fact]
    public void The_options_file_says_what_the_item_says()
    {
        ITaskItem prepared = Assert.Single(Prepare(Item("x.onnx", ("ClassName", "X"), ("Verify", ""), ("Link", "y"))));

        JsonElement options = JsonDocument.Parse(File.ReadAllText(prepared.GetMetadata("OptionsFile"))).RootElement;
        Assert.Equal("Compile", options.GetProperty("mode").GetString());
        Assert.Equal(_folder["x.onnx"], options.GetProperty("model").GetString());
        Assert.Equal("models/x.onnx", options.GetProperty("targetPath").GetString());
        Assert.Equal(_folder["obj/models/x/"], options.GetProperty("outputFolder").GetString());
        Assert.Equal(["ClassName", "TargetPath", "CopyToOutputDirectory"], options.GetProperty("metadata").EnumerateObject().Select(value => value.Name));
        Assert.Equal(prepared.GetMetadata("OutputsList"), options.GetProperty("outputsList").GetString());
    }

    [Fact]
    public void The_options_file_is_written_only_when_it_differs()
    {
        string options = Prepare(Item("x.onnx"))[0].GetMetadata("OptionsFile");

        File.SetLastWriteTimeUtc(options, s_past);
        Prepare(Item("x.onnx"));
        Assert.Equal(s_past, File.GetLastWriteTimeUtc(options));

        Prepare(Item("x.onnx", ("Optimization", "None")));
        Assert.NotEqual(s_past, File.GetLastWriteTimeUtc(options));
    }

    [Fact]
    public void A_file_of_samples_that_comes_or_goes_is_a_change()
    {
        Directory.CreateDirectory(_folder["data"]);
        File.WriteAllText(_folder["data/a.npz"], "a");
        string Options() => File.ReadAllText(Prepare(Item("x.onnx", ("CalibrationData", _folder["data"] + "; " + _folder["absent"])))[0].GetMetadata("OptionsFile"));
        string first = Options();
        Assert.Equal(first, Options());

        File.WriteAllText(_folder["data/b.npz"], "");
        File.SetLastWriteTimeUtc(_folder["data/b.npz"], s_past);
        string second = Options();

        Assert.NotEqual(first, second);
        File.WriteAllText(_folder["data/readme.txt"], "no samples");
        Assert.Equal(second, Options());
        File.Delete(_folder["data/b.npz"]);
        Assert.Equal(first, Options());
    }

    [Fact]
    public void Another_model_or_tool_is_a_change_even_where_it_is_older()
    {
        string options = Prepare(Item("x.onnx"))[0].GetMetadata("OptionsFile");
        string first = File.ReadAllText(options);

        File.SetLastWriteTimeUtc(_folder["x.onnx"], s_past);
        Prepare(Item("x.onnx"));
        string second = File.ReadAllText(options);
        Assert.NotEqual(first, second);

        File.WriteAllText(_folder["tool/OptimizeTasks.Compiler.dll"], "compiler");
        Prepare(Item("x.onnx"));
        Assert.NotEqual(second, File.ReadAllText(options));
    }

    [Fact]
    public void A_design_time_build_has_files_of_its_own()
    {
        ITaskItem real = Prepare(Item("x.onnx"))[0];
        ITaskItem design = Prepare([Item("x.onnx")], classOnly: true)[0];

        Assert.NotEqual(real.GetMetadata("OptionsFile"), design.GetMetadata("OptionsFile"));
        Assert.NotEqual(real.GetMetadata("OutputsList"), design.GetMetadata("OutputsList"));
        Assert.Contains("\"Generate\"", File.ReadAllText(design.GetMetadata("OptionsFile")), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_the_tool_read_are_inputs_of_the_next_build()
    {
        string list = Prepare(Item("x.onnx"))[0].GetMetadata("OutputsList");
        File.WriteAllLines(list, ["model|/m/x.onnx", "input|/m/x;1.data", "input|/m/y.data"]);

        Assert.Equal("/m/x%3b1.data;/m/y.data", ((ITaskItem2)Prepare(Item("x.onnx"))[0]).GetMetadataValueEscaped("OtherInputs"));
    }

    [Fact]
    public void A_missing_model_is_one_error_with_its_path()
    {
        var item = new TaskItem("absent.onnx");
        item.SetMetadata("TargetPath", "models/absent.onnx");

        Assert.Empty(Prepare(item));

        AssertError("OPT1001", "absent.onnx");
    }

    [Theory]
    [InlineData("Quantisation", "Quantization")]
    [InlineData("Clasname", "ClassName")]
    public void A_name_that_nearly_matches_is_an_error_that_names_the_right_one(string name, string right)
    {
        Assert.Empty(Prepare(Item("x.onnx", (name, "y"))));

        AssertError("OPT5003", right);
    }

    [Theory]
    [InlineData("../x.onnx")]
    [InlineData("a/../../x.onnx")]
    [InlineData("/x.onnx")]
    [InlineData("C:\\x.onnx")]
    [InlineData("models/")]
    public void A_target_path_outside_the_app_is_an_error(string path)
    {
        Assert.Empty(Prepare(Item("x.onnx", ("TargetPath", path))));

        AssertError("OPT5002", "TargetPath");
    }

    [Fact]
    public void One_target_path_for_two_models_is_an_error()
    {
        Assert.Empty(Prepare(
            Item("a/x.onnx", ("TargetPath", "models/x.onnx"), ("ClassName", "A")),
            Item("b/X.onnx", ("TargetPath", "models/X.onnx"), ("ClassName", "B"))));

        AssertError("OPT5023", "a/x.onnx");
    }

    [Theory]
    [InlineData("x.onnx", "", "x.onnx", "")]
    [InlineData("mini-lm.onnx", "", "mini_lm.onnx", "")]
    [InlineData("mini-lm.onnx", "", "other.onnx", "MiniLm")]
    [InlineData("x.onnx", "Same", "y.onnx", "Same")]
    public void One_class_for_two_models_is_an_error(string first, string firstClass, string second, string secondClass)
    {
        Assert.Empty(Prepare(
            Item("a/" + first, ("TargetPath", "a/x.onnx"), ("ClassName", firstClass)),
            Item("b/" + second, ("TargetPath", "b/x.onnx"), ("ClassName", secondClass))));

        AssertError("OPT5024", "a/" + first);
    }

    [Fact]
    public void Classes_in_two_namespaces_may_have_one_name() => Assert.Equal(2, Prepare(
        Item("a/x.onnx", ("TargetPath", "a/x.onnx"), ("Namespace", "A")),
        Item("b/x.onnx", ("TargetPath", "b/x.onnx"), ("Namespace", "B"))).Length);

    [Fact]
    public void Models_without_a_class_may_have_one_name() => Assert.Equal(2, Prepare(
        Item("a/x.onnx", ("TargetPath", "a/x.onnx")),
        Item("b/x.onnx", ("TargetPath", "b/x.onnx"), ("GenerateSource", "false"))).Length);

    [Fact]
    public void A_folder_that_cannot_be_written_is_one_error()
    {
        File.WriteAllText(_folder["obj"], "a file where the folder should be");

        Prepare(Item("x.onnx"));

        AssertError("OPT5005", "obj");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertError(string code, string text)
    {
        BuildErrorEventArgs error = Assert.Single(_engine.Errors);
        Assert.Equal(code, error.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("diagnostics.md#" + code.ToLowerInvariant(), error.HelpLink, StringComparison.Ordinal);
    }

    private TaskItem Item(string path, params (string Name, string Value)[] metadata)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        if (!File.Exists(_folder[path]))
            File.WriteAllText(_folder[path], path);
        var item = new TaskItem(_folder[path]);
        item.SetMetadata("TargetPath", "models/" + Path.GetFileName(path));
        item.SetMetadata("CopyToOutputDirectory", "PreserveNewest");
        foreach ((string name, string value) in metadata)
            item.SetMetadata(name, value);
        return item;
    }

    private ITaskItem[] Prepare(params ITaskItem[] items) => Prepare(items, classOnly: false);

    private ITaskItem[] Prepare(ITaskItem[] items, bool classOnly)
    {
        var task = new PrepareOptimizedModels
        {
            BuildEngine = _engine,
            Models = items,
            IntermediateFolder = _folder["obj"],
            Tool = _folder["tool/OptimizeTasks.Tool.dll"],
            HelpFile = "/docs/diagnostics.md",
            ClassOnly = classOnly,
        };
        Assert.Equal(task.Execute(), _engine.Errors.Count == 0);
        return task.PreparedModels;
    }
}
