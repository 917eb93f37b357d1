using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Whether files can be written where they are asked for, before any work is done.</summary>
internal static class OutputPaths
{
    private static readonly StringComparer s_comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>Checks the paths of all files of one command.</summary>
    /// <param name="model">The model that is read.</param>
    /// <param name="outputs">The files that are written, the compiled model first if there is one.</param>
    /// <param name="inPlace">Whether the first file may be the model itself, and the others its data.</param>
    /// <exception cref="CompilationException">A path is a folder's or a device's, is given twice, or is that of a file that is read.</exception>
    public static void Check(Model model, IReadOnlyList<string> outputs, bool inPlace)
    {
        string[] sources = [.. model.FilePaths.Select(Path.GetFullPath)];
        string[] targets = [.. outputs.Select(Path.GetFullPath)];
        bool replacesModel = inPlace && s_comparer.Equals(targets[0], sources[0]);
        var seen = new HashSet<string>(s_comparer);
        foreach (string target in targets)
        {
            if (Directory.Exists(target))
                throw Refused(target, "This is a folder");
            // Files come to their places by renaming, which would replace a device such as /dev/null for everybody.
            if (!OperatingSystem.IsWindows() && Path.GetDirectoryName(target) == "/dev")
                throw Refused(target, "This is a device");
            if (!seen.Add(target))
                throw Refused(target, "Two results have the same path");
            if (!replacesModel && sources.Contains(target, s_comparer))
                throw Refused(target, "The model is read from this file");
        }
    }

    /// <summary>Checks the files of variants, whose names nobody chose: a model that was compiled by itself stays.</summary>
    /// <exception cref="CompilationException">A path is that of another compiled model.</exception>
    public static void CheckVariants(IEnumerable<string> variants)
    {
        if (variants.FirstOrDefault(path => File.Exists(path) && File.Exists(CompiledModel.PathBeside(path))) is { } other)
            throw Refused(other, "A variant of the model would have this path, and another compiled model is there");
    }

    private static CompilationException Refused(string path, string why) => new(Diagnostics.CannotWrite.Create(why, path));
}
