using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;
using OptimizeTasks.Contract;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks;

/// <summary>
/// Checks the <c>OptimizedModel</c> items as far as that needs no tool, and writes each item's options file where it says
/// something new: the file's time tells MSBuild whether the item changed. It runs in every build, in a process that has
/// compiled none of its code yet: plain loops and few types keep that to milliseconds.
/// </summary>
public sealed class PrepareOptimizedModels : Task, IIncrementalTask
{
    /// <summary>The items.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where the produced files go: a folder of the project's intermediate output.</summary>
    [Required]
    public string IntermediateFolder { get; set; } = "";

    /// <summary>The assembly of the tool.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>Whether only the class is wanted, as in a design-time build.</summary>
    public bool ClassOnly { get; set; }

    /// <summary>The page that explains the diagnostics.</summary>
    public string HelpFile { get; set; } = "";

    /// <summary>Set by MSBuild when it is asked whether there is anything to do.</summary>
    public bool FailIfNotIncremental { get; set; }

    /// <summary>
    /// The items for the tool, each with <c>OptionsFile</c>, <c>OutputsList</c>, <c>OtherInputs</c>, <c>TargetPath</c>,
    /// <c>CopyToOutputDirectory</c>, and where a class makes its samples with <c>SampleSources</c> and <c>SampleClass</c>.
    /// </summary>
    [Output]
    public ITaskItem[] PreparedModels { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        var items = new List<ModelItem>(Models.Length);
        foreach (ITaskItem model in Models)
        {
            CheckNames(model);
            var item = new ModelItem(model, IntermediateFolder);
            Check(item, items);
            items.Add(item);
        }

        if (Log.HasLoggedErrors)
            return false;

        string toolStamp = ToolStamp();
        var prepared = new ITaskItem[items.Count];
        for (int i = 0; i < prepared.Length; i++)
            prepared[i] = Prepare(items[i], toolStamp);
        PreparedModels = prepared;
        return !Log.HasLoggedErrors;
    }

    private void CheckNames(ITaskItem model)
    {
        // Only what the project sets: what every item has is not looked at.
        foreach (string name in model.CloneCustomMetadata().Keys)
        {
            if (MetadataNames.NearMiss(name) is { } meant)
            {
                Report(Diagnostics.UnknownMetadata.Create($"OptimizedModel '{model.ItemSpec}' has the metadata {name}; did you mean {meant}?",
                    model.GetMetadata("DefiningProjectFullPath")));
            }
        }
    }

    private void Check(ModelItem item, List<ModelItem> earlier)
    {
        if (!item.HasValidTargetPath)
        {
            Report(Diagnostics.InvalidMetadataValue.Create(
                $"TargetPath of OptimizedModel '{item.DisplayPath}' is '{item.TargetPath}'; it can be a path inside the app's folder, such as models/x.onnx", item.Project));
        }
        else if (!File.Exists(item.Model))
        {
            Report(Diagnostics.ModelNotFound.Create($"There is no file {item.Model}", item.DisplayPath));
        }

        foreach (ModelItem other in earlier)
        {
            // Not all file systems distinguish cases.
            if (string.Equals(item.File(""), other.File(""), StringComparison.OrdinalIgnoreCase))
            {
                Report(Diagnostics.DuplicateTargetPath.Create(
                    $"OptimizedModel '{item.DisplayPath}' would be copied to {item.TargetPath}, as would '{other.DisplayPath}'", item.Project));
            }
            else if (item.IsSameClass(other))
            {
                Report(Diagnostics.DuplicateClass.Create(
                    $"OptimizedModel '{item.DisplayPath}' would be the class {item.ClassName}, as would '{other.DisplayPath}'", item.Project));
            }
        }
    }

    private TaskItem Prepare(ModelItem item, string toolStamp)
    {
        // A design-time build has files of its own: it must not make the next real build think that something changed.
        string kind = ClassOnly ? ".class" : "";
        string optionsFile = item.File(kind + ".options.json");
        string outputsList = item.File(kind + ".outputs.txt");
        string options = Options(item, outputsList, toolStamp);
        if (OptionsFile.Differs(optionsFile, options))
        {
            if (FailIfNotIncremental)
                Log.LogError("The options of OptimizedModel '{0}' changed.", item.DisplayPath);
            else
                WriteOptions(item, optionsFile, options);
        }

        var prepared = new TaskItem(MSBuildText.Escape(item.Model));
        prepared.SetMetadata("OptionsFile", MSBuildText.Escape(optionsFile));
        prepared.SetMetadata("OutputsList", MSBuildText.Escape(outputsList));
        prepared.SetMetadata("OtherInputs", OtherInputs(outputsList));
        if (!ClassOnly && SampleSources(item) is { Length: > 0 } sources)
        {
            prepared.SetMetadata("SampleSources", sources);
            prepared.SetMetadata("SampleClass", MSBuildText.Escape(SampleClass(item)));
        }

        prepared.SetMetadata("DisplayPath", MSBuildText.Escape(item.DisplayPath));
        prepared.SetMetadata(MetadataNames.TargetPath, MSBuildText.Escape(item.TargetPath));
        prepared.SetMetadata(MetadataNames.CopyToOutputDirectory, item[MetadataNames.CopyToOutputDirectory]);
        return prepared;
    }

    private string Options(ModelItem item, string outputsList, string toolStamp)
    {
        var options = new OptionsFile();
        options.Add("mode", ClassOnly ? "Generate" : "Compile");
        options.Add("model", item.Model);
        options.Add("displayPath", item.DisplayPath);
        options.Add("metadata", item.Metadata);
        if (!ClassOnly && SampleSources(item).Length > 0)
            options.Add("sampleClass", SampleClass(item));
        options.Add("targetPath", item.TargetPath);
        options.Add("outputFolder", item.Folder);
        options.Add("sourceFile", item.File(".g.cs"));
        options.Add("outputsList", outputsList);
        // Not for the tool: a model that was replaced by an older file, or a tool that was downgraded, is a change as well.
        options.Add("modelStamp", Stamp(new FileInfo(item.Model)));
        options.Add("toolStamp", toolStamp);
        if (SamplesStamp(item) is { Length: > 0 } samples)
            options.Add("samplesStamp", samples);
        return options.ToString();
    }

    private void WriteOptions(ModelItem item, string path, string text)
    {
        try
        {
            OptionsFile.Write(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(Diagnostics.CannotWrite.Create($"{path} cannot be written: {e.Message}", item.DisplayPath));
        }
    }

    private static string OtherInputs(string outputsList)
    {
        var inputs = new StringBuilder();
        foreach (KeyValuePair<string, string> file in OutputsList.Read(outputsList))
        {
            if (file.Key == OutputsList.Input)
                inputs.Append(inputs.Length > 0 ? ";" : "").Append(MSBuildText.Escape(file.Value));
        }

        return inputs.ToString();
    }

    /// <summary>All of our assemblies in the tool's folder: one may change without the others.</summary>
    private string ToolStamp() => Stamp(new DirectoryInfo(Path.GetDirectoryName(Tool)!).GetFiles("OptimizeTasks*.dll"));

    /// <summary>The assembly of the class that makes the item's samples.</summary>
    private static string SampleClass(ModelItem item) => item.File(".samples.dll");

    /// <summary>The C# files among an item's samples, as MSBuild wants a list.</summary>
    private static string SampleSources(ModelItem item)
    {
        var sources = new StringBuilder();
        foreach (string entry in item[MetadataNames.CalibrationData].Split(';'))
        {
            string path = entry.Trim();
            // What does not exist, the tool says.
            if (path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) && File.Exists(path))
                sources.Append(sources.Length > 0 ? ";" : "").Append(MSBuildText.Escape(Path.GetFullPath(path)));
        }

        return sources.ToString();
    }

    /// <summary>A file that is added to a folder, or taken from it, is a change that no time of a file tells.</summary>
    private static string SamplesStamp(ModelItem item)
    {
        var files = new List<FileInfo>();
        var names = new StringBuilder();
        foreach (string entry in item[MetadataNames.CalibrationData].Split(';'))
        {
            if (entry.Trim() is not { Length: > 0 } path)
                continue;
            try
            {
                foreach (string file in SamplePaths.Find(path))
                {
                    files.Add(new FileInfo(file));
                    names.Append(' ').Append(Path.GetFileName(file));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // The tool says so, and where.
            }
        }

        return files.Count == 0 ? "" : Stamp([.. files]) + names;
    }

    private static string Stamp(params FileInfo[] files)
    {
        long length = 0;
        long newest = 0;
        foreach (FileInfo file in files)
        {
            length += file.Length;
            newest = Math.Max(newest, file.LastWriteTimeUtc.Ticks);
        }

        return length.ToString(CultureInfo.InvariantCulture) + " " + newest.ToString(CultureInfo.InvariantCulture);
    }

    private void Report(Diagnostic diagnostic) => BuildDiagnostics.Report(Log, diagnostic, HelpFile);
}
