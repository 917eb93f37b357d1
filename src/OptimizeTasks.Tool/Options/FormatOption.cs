using System.CommandLine;

namespace OptimizeTasks.Tool.Options;

/// <summary><c>--format</c>: whether people or programs read the result.</summary>
internal static class FormatOption
{
    /// <summary>The value for programs.</summary>
    public const string Json = "json";

    public static Option<string> Create()
    {
        var format = new Option<string>("--format") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", Json);
        return format;
    }
}
