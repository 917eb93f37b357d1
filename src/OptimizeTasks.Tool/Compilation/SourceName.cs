namespace OptimizeTasks.Tool.Compilation;

/// <summary>What results call the model that they were made from: the same on every machine.</summary>
internal static class SourceName
{
    /// <summary>The path that the user gave with <c>/</c> between folders, or the file's name where that path is absolute.</summary>
    public static string Of(string displayPath) => (Path.IsPathRooted(displayPath) ? Path.GetFileName(displayPath) : displayPath).Replace('\\', '/');
}
