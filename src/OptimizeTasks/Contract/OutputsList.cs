using System.Collections.Generic;
using System.IO;

namespace OptimizeTasks.Contract;

/// <summary>The list that the tool leaves behind: one <c>kind|absolute path</c> a line.</summary>
internal static class OutputsList
{
    /// <summary>A file that the tool read besides the model, for instance its external data.</summary>
    public const string Input = "input";

    /// <summary>The generated class.</summary>
    public const string Source = "source";

    /// <summary>The report: a file of the build that does not go with the app.</summary>
    public const string Report = "report";

    /// <summary>The files, kind by kind, or nothing where the tool has not finished yet.</summary>
    public static List<KeyValuePair<string, string>> Read(string list)
    {
        var files = new List<KeyValuePair<string, string>>();
        if (!File.Exists(list))
            return files;
        foreach (string line in File.ReadAllLines(list))
        {
            int bar = line.IndexOf('|');
            if (bar > 0 && bar < line.Length - 1)
                files.Add(new KeyValuePair<string, string>(line.Substring(0, bar), line.Substring(bar + 1)));
        }

        return files;
    }
}
