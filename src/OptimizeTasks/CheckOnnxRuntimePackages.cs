using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using OptimizeTasks.Compiler;
using OptimizeTasks.Contract;

namespace OptimizeTasks;

/// <summary>Warns where an app has no native ONNX Runtime, or two packages that bring the same library.</summary>
public sealed class CheckOnnxRuntimePackages : Task
{
    /// <summary>The native files of the packages, with <c>NuGetPackageId</c> and <c>RuntimeIdentifier</c> as the SDK sets them.</summary>
    public ITaskItem[] NativeFiles { get; set; } = [];

    /// <summary>The project, for the message.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>The page that explains the diagnostics.</summary>
    public string HelpFile { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        var packages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ITaskItem file in NativeFiles)
        {
            if (!IsOnnxRuntime(Path.GetFileName(file.ItemSpec)))
                continue;
            string platform = file.GetMetadata("RuntimeIdentifier");
            string package = file.GetMetadata("NuGetPackageId");
            if (!packages.TryGetValue(platform, out string other))
            {
                packages.Add(platform, package);
            }
            else if (other != package)
            {
                Report(Diagnostics.SeveralNativeOnnxRuntimes.Create($"{other} and {package} bring ONNX Runtime's native library, and only one of them can win", Project));
                return true;
            }
        }

        if (packages.Count == 0)
            Report(Diagnostics.NoNativeOnnxRuntime.Create("No package of this app brings ONNX Runtime's native library", Project));
        return true;
    }

    private static bool IsOnnxRuntime(string file) => file is "onnxruntime.dll" or "libonnxruntime.so" or "libonnxruntime.dylib";

    private void Report(Diagnostic diagnostic) => BuildDiagnostics.Report(Log, diagnostic, HelpFile);
}
