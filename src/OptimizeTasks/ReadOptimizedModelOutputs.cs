using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;
using OptimizeTasks.Contract;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks;

/// <summary>Reads the lists of produced files, so that a build that compiled nothing still knows them.</summary>
public sealed class ReadOptimizedModelOutputs : Task
{
    /// <summary>The items, as <see cref="PrepareOptimizedModels"/> returns them.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The page that explains the diagnostics.</summary>
    public string HelpFile { get; set; } = "";

    /// <summary>Every produced file, with <c>Kind</c>, and where it goes with the app also <c>TargetPath</c> and <c>CopyToOutputDirectory</c>.</summary>
    [Output]
    public ITaskItem[] Outputs { get; private set; } = [];

    /// <summary>The files that exist for the build's own sake.</summary>
    [Output]
    public ITaskItem[] Bookkeeping { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        var outputs = new List<ITaskItem>();
        var bookkeeping = new List<ITaskItem>();
        foreach (ITaskItem model in Models)
        {
            string list = model.GetMetadata("OutputsList");
            bookkeeping.Add(new TaskItem(MSBuildText.Escape(list)));
            bookkeeping.Add(new TaskItem(MSBuildText.Escape(model.GetMetadata("OptionsFile"))));
            foreach (KeyValuePair<string, string> file in OutputsList.Read(list))
            {
                if (file.Key != OutputsList.Input)
                    outputs.Add(Output(model, file.Key, file.Value));
            }
        }

        Outputs = outputs.ToArray();
        Bookkeeping = bookkeeping.ToArray();
        CheckTargetPaths(outputs);
        return !Log.HasLoggedErrors;
    }

    /// <summary>Which variants a model has is known when it is compiled, and one of <c>x.onnx</c> may be called as another item is.</summary>
    private void CheckTargetPaths(List<ITaskItem> outputs)
    {
        var models = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (ITaskItem output in outputs)
        {
            string target = output.GetMetadata(MetadataNames.TargetPath), model = output.GetMetadata("Model");
            if (target.Length == 0)
                continue;
            if (!models.TryGetValue(target, out string other))
                models.Add(target, model);
            else
                BuildDiagnostics.Report(Log, Diagnostics.DuplicateTargetPath.Create($"A file of OptimizedModel '{model}' would be copied to {target.Replace('\\', '/')}, as would one of '{other}'", model), HelpFile);
        }
    }

    private static TaskItem Output(ITaskItem model, string kind, string path)
    {
        var output = new TaskItem(MSBuildText.Escape(path));
        output.SetMetadata("Kind", kind);
        output.SetMetadata("Model", MSBuildText.Escape(model.GetMetadata("DisplayPath")));
        if (kind is OutputsList.Source or OutputsList.Report)
            return output;
        string folder = Path.GetDirectoryName(model.GetMetadata(MetadataNames.TargetPath)) ?? "";
        string copy = model.GetMetadata(MetadataNames.CopyToOutputDirectory);
        output.SetMetadata(MetadataNames.TargetPath, MSBuildText.Escape(Path.Combine(folder, Path.GetFileName(path))));
        output.SetMetadata(MetadataNames.CopyToOutputDirectory, copy);
        output.SetMetadata("CopyToPublishDirectory", copy);
        return output;
    }
}
