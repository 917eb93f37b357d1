#pragma warning disable IDE0005 // The task's project has no implicit usings.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
#pragma warning restore IDE0005

namespace OptimizeTasks.Tool.Options;

/// <summary>
/// The files that <c>CalibrationData</c> names. The MSBuild task compiles this file too: it stays free of everything that
/// netstandard2.0 lacks.
/// </summary>
internal static class SamplePaths
{
    private static readonly string[] s_extensions = [".npz", ".npy", ".jsonl", ".json"];

    /// <summary>
    /// The files of a list of files, folders and patterns, those of one entry in ordinal order; an entry that names nothing
    /// gives nothing.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be listed.</exception>
    public static IEnumerable<string> Find(string entry)
    {
        if (Directory.Exists(entry))
            return Sorted(Directory.GetFiles(entry).Where(IsSamples));
        if (File.Exists(entry))
            return [entry];
        string pattern = Path.GetFileName(entry);
        string folder = Path.GetDirectoryName(entry) is { Length: > 0 } parent ? parent : ".";
        bool isPattern = pattern.IndexOfAny(['*', '?']) >= 0;
        return isPattern && Directory.Exists(folder) ? Sorted(Directory.GetFiles(folder, pattern).Where(IsSamples)) : [];
    }

    /// <summary>Whether a file holds a class that makes samples, or a part of one.</summary>
    public static bool IsSource(string path) => Path.GetExtension(path).Equals(".cs", StringComparison.OrdinalIgnoreCase);

    private static bool IsSamples(string path) => s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Sorted(IEnumerable<string> files) => files.OrderBy(file => file, StringComparer.Ordinal);
}
