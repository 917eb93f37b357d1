using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Contract;

/// <summary>One <c>OptimizedModel</c> item: what it asks for, and where its files are.</summary>
internal sealed class ModelItem
{
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    public ModelItem(ITaskItem item, string intermediateFolder)
    {
        DisplayPath = item.ItemSpec;
        Model = item.GetMetadata("FullPath");
        Project = item.GetMetadata("DefiningProjectFullPath");
        foreach (string name in MetadataNames.All)
        {
            if (item.GetMetadata(name) is { Length: > 0 } value)
                _metadata.Add(name, value);
        }

        TargetPath = this[MetadataNames.TargetPath].Replace('\\', '/');
        // The folder follows the path in the app's folder, which no two items may share.
        string key = TargetPath.Length == 0 ? "" : Path.ChangeExtension(TargetPath, null);
        Folder = Path.GetFullPath(Path.Combine(intermediateFolder, key)) + Path.DirectorySeparatorChar;
        Name = Path.GetFileName(key);
    }

    /// <summary>The path as the project says it.</summary>
    public string DisplayPath { get; }

    /// <summary>The path from the root.</summary>
    public string Model { get; }

    /// <summary>The file that declares the item.</summary>
    public string Project { get; }

    /// <summary>Where the model goes, relative to the app's folder.</summary>
    public string TargetPath { get; }

    /// <summary>The metadata that are ours and not empty.</summary>
    public IEnumerable<KeyValuePair<string, string>> Metadata => _metadata;

    /// <summary>The folder of everything that is produced for the item.</summary>
    public string Folder { get; }

    /// <summary>The name of the produced files, without their extensions.</summary>
    public string Name { get; }

    /// <summary>The class's name where the item gives one; else the file's name, of which the tool makes an identifier.</summary>
    public string ClassName => IsClassNamed ? this[MetadataNames.ClassName] : Path.GetFileNameWithoutExtension(Model);

    /// <summary>Whether a class is generated.</summary>
    public bool HasClass => !string.Equals(this[MetadataNames.GenerateSource], "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the target path stays in the app's folder.</summary>
    public bool HasValidTargetPath => Name.Length > 0
        && TargetPath[0] != '/' && TargetPath.IndexOf(':') < 0 && Array.IndexOf(TargetPath.Split('/'), "..") < 0;

    private bool IsClassNamed => this[MetadataNames.ClassName].Length > 0;

    /// <summary>The value of a metadata of ours, or nothing.</summary>
    public string this[string name] => _metadata.TryGetValue(name, out string value) ? value : "";

    /// <summary>A produced file with this ending.</summary>
    public string File(string ending) => Folder + Name + ending;

    /// <summary>Whether both become the same class. Names that the tool makes of files keep their letters and digits.</summary>
    public bool IsSameClass(ModelItem other)
    {
        if (!HasClass || !other.HasClass || this[MetadataNames.Namespace] != other[MetadataNames.Namespace])
            return false;
        return IsClassNamed && other.IsClassNamed
            ? ClassName == other.ClassName
            : string.Equals(LettersAndDigits(ClassName), LettersAndDigits(other.ClassName), StringComparison.OrdinalIgnoreCase);
    }

    private static string LettersAndDigits(string name) => string.Concat(Array.FindAll(name.ToCharArray(), char.IsLetterOrDigit));
}
