using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>One of the graphs that a model is compiled to: when it is chosen, and what is asked of it.</summary>
public sealed record VariantRequest
{
    /// <summary>The name of a graph that is alone.</summary>
    public const string Default = "default";

    private const string Extension = ".onnx";

    /// <summary>The name, unique in a manifest.</summary>
    public required string Name { get; init; }

    /// <summary>When the graph is chosen.</summary>
    public VariantCondition When { get; init; } = new();

    /// <summary>What is asked of the graph. Requests of one model differ in what the phases from <see cref="Phase.Plan"/> on are asked for.</summary>
    public required CompilerOptions Options { get; init; }

    /// <summary>Whether the graph has the model's own name; the others have theirs behind it.</summary>
    private bool IsFirst { get; init; }

    /// <summary>The graphs that options ask for, in order of preference: one for each execution provider.</summary>
    public static ImmutableArray<VariantRequest> Of(CompilerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Providers.Length <= 1
            ? [new VariantRequest { Name = Default, Options = options, IsFirst = true }]
            : [.. options.Providers.Select((provider, index) => ForProvider(provider, options) with { IsFirst = index == 0 })];
    }

    /// <summary>The name of the graph's file: <c>x.onnx</c> for the first one, <c>x.cpu.onnx</c> for another.</summary>
    /// <param name="modelName">The name of the model's file.</param>
    public string FileName(string modelName)
    {
        ArgumentNullException.ThrowIfNull(modelName);
        if (IsFirst)
            return modelName;
        string stem = modelName.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? modelName[..^Extension.Length] : modelName;
        return $"{stem}.{Name}{Extension}";
    }

    private static VariantRequest ForProvider(string provider, CompilerOptions options)
    {
        string name = provider.ToLowerInvariant();
        return new VariantRequest
        {
            Name = name,
            When = new VariantCondition { Provider = provider },
            Options = options with { Providers = [provider], DumpFolder = options.DumpFolder is { } folder ? Path.Combine(folder, name) : null },
        };
    }
}
