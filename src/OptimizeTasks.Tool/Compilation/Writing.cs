using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Turns failures to write into diagnostics that name the file.</summary>
internal static class Writing
{
    /// <summary>Does something that writes <paramref name="path"/>.</summary>
    /// <exception cref="CompilationException">It failed for a reason that lies in the file system.</exception>
    public static void Guarded(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CompilationException(Diagnostics.CannotWrite.Create(e.Message, path), e);
        }
    }

    /// <summary>Writes a text.</summary>
    public static void Text(string path, string text) => Guarded(path, () => File.WriteAllText(path, text));

    /// <summary>Writes a text unless the file has it already: a file that is not touched makes nothing behind it run again.</summary>
    public static void TextIfDifferent(string path, string text) => Guarded(path, () =>
    {
        if (File.Exists(path) && File.ReadAllText(path) == text)
            return;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    });
}
