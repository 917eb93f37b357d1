using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Contract;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks;

/// <summary>Reads the lists of produced files, so that a build that compiled nothing still knows them.</summary>
public sealed class ReadOptimizedModelOutputs : Task
{
    /// <summary>The items, as <see cref="PrepareOptimizedModels"/> returns them.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

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
        return true;
    }

    private static TaskItem Output(ITaskItem model, string kind, string path)
    {
        var output = new TaskItem(MSBuildText.Escape(path));
        output.SetMetadata("Kind", kind);
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
