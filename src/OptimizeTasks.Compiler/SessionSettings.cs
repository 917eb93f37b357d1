using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>How a model file is loaded.</summary>
public sealed record SessionSettings
{
    /// <summary>The model as it is, on one thread: the same result on every run.</summary>
    public static SessionSettings Unoptimized { get; } = new() { Optimization = LoadOptimization.None, Threads = 1 };

    /// <summary>How much the engine optimises the graph.</summary>
    public LoadOptimization Optimization { get; init; } = LoadOptimization.All;

    /// <summary>The execution provider, by the name that an item's <c>Providers</c> has for it.</summary>
    public string Provider { get; init; } = "Cpu";

    /// <summary>Threads inside an operator; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Entries of ONNX Runtime's session configuration.</summary>
    public ImmutableSortedDictionary<string, string> Configuration { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Native libraries that implement custom operators.</summary>
    public ImmutableArray<string> CustomOpLibraries { get; init; } = [];
}
