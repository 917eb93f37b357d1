using System.Collections.Immutable;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Options;

/// <summary>What the metadata of one item ask for, or the options of one command.</summary>
internal sealed record ItemSettings
{
    /// <summary>The class's name; null for one made of the file's name.</summary>
    public string? ClassName { get; init; }

    /// <summary>The class's namespace, or null for the global one.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether other assemblies see the class.</summary>
    public bool IsPublic { get; init; } = true;

    /// <summary>Whether there is a class at all.</summary>
    public bool GenerateSource { get; init; } = true;

    /// <summary>The execution providers that the class asks for, in order of preference.</summary>
    public ImmutableArray<string> Providers { get; init; } = ["Cpu"];

    /// <summary>Where the class finds the model, relative to the app's folder; null for the folder <c>models</c>.</summary>
    public string? TargetPath { get; init; }

    /// <summary>The file that the plan was read from, or null.</summary>
    public string? PlanPath { get; init; }

    /// <summary>Files, folders and patterns of files with samples.</summary>
    public ImmutableArray<string> CalibrationData { get; init; } = [];

    /// <summary>The assembly that the source files among <see cref="CalibrationData"/> were compiled to, or null.</summary>
    public string? SampleClass { get; init; }

    /// <summary>The name of the labels beside the samples; null where there are none.</summary>
    public string? Label { get; init; }

    /// <summary>The files that the plans of variants were read from.</summary>
    public ImmutableArray<string> VariantPlanPaths { get; init; } = [];

    /// <summary>Whether the result is compared with the original; null where the model's size decides.</summary>
    public bool? Verify { get; init; }

    /// <summary>Whether original and result are timed, and the result is loaded as is fastest on this machine.</summary>
    public bool Measure { get; init; }

    /// <summary>What the compiler is asked for.</summary>
    public CompilerOptions Compiler { get; init; } = new();
}
