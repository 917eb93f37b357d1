using System.CommandLine;

namespace OptimizeTasks.Tool.Options;

/// <summary>Options that name what is written.</summary>
internal static class PathOption
{
    /// <summary><c>--output</c>, or <c>-o</c>: the file that a command makes.</summary>
    public static Option<string> Output(string description)
    {
        Option<string> option = File("--output", description);
        option.Aliases.Add("-o");
        option.Required = true;
        return option;
    }

    /// <summary>An option that names a file.</summary>
    public static Option<string> File(string name, string description) => Create(name, "file", description, path => Path.GetFileName(path).Length > 0);

    /// <summary>An option that names a folder.</summary>
    public static Option<string> Folder(string name, string description) => Create(name, "folder", description, path => path.Length > 0);

    private static Option<string> Create(string name, string kind, string description, Func<string, bool> isRight)
    {
        var option = new Option<string>(name) { Description = description, HelpName = kind };
        option.Validators.Add(result =>
        {
            if (!isRight(result.GetValueOrDefault<string>() ?? ""))
                result.AddError($"{name} names no {kind}.");
        });
        return option;
    }
}
