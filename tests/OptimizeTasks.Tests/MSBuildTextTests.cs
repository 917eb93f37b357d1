using Microsoft.Build.Utilities;
using OptimizeTasks.Contract;

namespace OptimizeTasks.Tests;

public class MSBuildTextTests
{
    [Theory]
    [InlineData("models/x.onnx")]
    [InlineData("50%25 @(x) $(y) a;b 'c' *?.onnx")]
    [InlineData("%41")]
    public void Escaped_text_comes_back_as_it_was(string text) => Assert.Equal(text, new TaskItem(MSBuildText.Escape(text)).ItemSpec);
}
