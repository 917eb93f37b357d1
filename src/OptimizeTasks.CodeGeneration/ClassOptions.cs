namespace OptimizeTasks.CodeGeneration;

/// <summary>What the item says about the class.</summary>
public sealed record ClassOptions
{
    /// <summary>The class's name: an identifier, as <see cref="ClassGenerator.ClassNameOf"/> makes one.</summary>
    public required string ClassName { get; init; }

    /// <summary>The namespace, or null for the global one.</summary>
    public string? Namespace { get; init; }

    /// <summary>The accessibility: <c>public</c> or <c>internal</c>.</summary>
    public string Access { get; init; } = "public";

    /// <summary>The providers that the model is loaded on unless the app says otherwise, separated by semicolons.</summary>
    public string Providers { get; init; } = "Cpu";

    /// <summary>Where the model stands relative to the app's folder, with <c>/</c> between folders.</summary>
    public required string TargetPath { get; init; }

    /// <summary>The model's path as the user knows it, not absolute, for the file's first comment; null for <see cref="TargetPath"/>.</summary>
    public string? SourcePath { get; init; }
}
