#pragma warning disable IDE0005 // The task's project has no implicit usings.
using System;
using System.Collections.Generic;
#pragma warning restore IDE0005

namespace OptimizeTasks.Tool.Options;

/// <summary>
/// The metadata of an <c>OptimizedModel</c> item that are ours. The MSBuild task compiles this file too: it stays free of
/// everything that netstandard2.0 lacks.
/// </summary>
internal static class MetadataNames
{
    public const string ClassName = "ClassName";
    public const string Namespace = "Namespace";
    public const string Access = "Access";
    public const string Optimization = "Optimization";
    public const string Providers = "Providers";
    public const string Engine = "Engine";
    public const string Opset = "Opset";
    public const string Contracts = "Contracts";
    public const string Quantization = "Quantization";
    public const string Plan = "Plan";
    public const string Variants = "Variants";
    public const string Precision = "Precision";
    public const string CalibrationData = "CalibrationData";
    public const string Corrections = "Corrections";
    public const string CalibrationMethod = "CalibrationMethod";
    public const string Label = "Label";
    public const string AccuracyBudget = "AccuracyBudget";
    public const string Metric = "Metric";
    public const string Dimensions = "Dimensions";
    public const string Buckets = "Buckets";
    public const string LengthSample = "LengthSample";
    public const string ExcludeNodes = "ExcludeNodes";
    public const string DisabledPasses = "DisabledPasses";
    public const string Verify = "Verify";
    public const string Tolerance = "Tolerance";
    public const string Measure = "Measure";
    public const string ExternalData = "ExternalData";
    public const string CustomOpLibraries = "CustomOpLibraries";
    public const string GenerateSource = "GenerateSource";
    public const string TargetPath = "TargetPath";
    public const string CopyToOutputDirectory = "CopyToOutputDirectory";

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ClassName, Namespace, Access, Optimization, Providers, Engine, Opset, Contracts, Quantization, Plan, Variants,
        Precision, Corrections, CalibrationData, CalibrationMethod, Label, AccuracyBudget, Metric, Dimensions, Buckets, LengthSample, ExcludeNodes, DisabledPasses, Verify,
        Tolerance, Measure, ExternalData, CustomOpLibraries, GenerateSource, TargetPath, CopyToOutputDirectory,
    ];

    /// <summary>Whether the name is one of ours; MSBuild does not distinguish cases in names.</summary>
    public static bool IsOurs(string name)
    {
        foreach (string ours in All)
        {
            if (string.Equals(ours, name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>The name of ours that was probably meant, or null where the name is ours or somebody else's.</summary>
    public static string? NearMiss(string name) => IsOurs(name) ? null : Nearest(name, All);

    /// <summary>
    /// The candidate that differs from the text by the fewest letters, or null where every one differs by more than a
    /// quarter of its own length.
    /// </summary>
    public static string? Nearest(string text, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int distance = EditDistance(text.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least && distance <= candidate.Length / 4)
            {
                least = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.</summary>
    private static int EditDistance(string a, string b)
    {
        var distances = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distances[i, j] = i + j;
                    continue;
                }

                int replaced = distances[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int distance = Math.Min(replaced, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    distance = Math.Min(distance, distances[i - 2, j - 2] + 1);
                distances[i, j] = distance;
            }
        }

        return distances[a.Length, b.Length];
    }
}
