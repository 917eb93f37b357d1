using System.Text.Json;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Tool.Tests;

public class InspectTests
{
    public static TheoryData<string> Models => [.. SharedModels.All];

    [SharedModelFact]
    public void Text_names_what_a_model_consists_of()
    {
        ToolRun run = ToolProcess.Run("inspect", SharedModels.Path("digits/digits-cnn.onnx"));

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Contains("image  float[batch, 1, 8, 8]", run.Output, StringComparison.Ordinal);
        Assert.Contains("logits  float[batch, 10]", run.Output, StringComparison.Ordinal);
        Assert.Contains("ai.onnx 17", run.Output, StringComparison.Ordinal);
        Assert.Contains("dimensions  batch", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\d  Conv", run.Output);
    }

    [SharedModelFact]
    public void Json_holds_the_same()
    {
        ToolRun run = ToolProcess.Run("inspect", SharedModels.Path("speech/silero-vad-v5.onnx"), "--format", "json");

        Assert.Equal(0, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement summary = json.RootElement;
        Assert.Equal(["input", "state", "sr"], summary.GetProperty("inputs").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        Assert.True(summary.GetProperty("subgraphs").GetInt32() > 0);
        Assert.Equal(summary.GetProperty("nodes").GetInt32(), summary.GetProperty("operators").EnumerateArray().Sum(o => o.GetProperty("count").GetInt32()));
        Assert.InRange(summary.GetProperty("weightBytes").GetInt64(), 2_000_000, summary.GetProperty("fileBytes").GetInt64());
        Assert.Equal(10, summary.GetProperty("largestWeights").GetArrayLength());
    }
}
