using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest;

/// <summary>How much ONNX Runtime optimises a graph when it loads it (its <c>GraphOptimizationLevel</c>).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoadOptimization>))]
public enum LoadOptimization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What keeps the graph's operators.</summary>
    Basic,

    /// <summary>Fusions too.</summary>
    Extended,

    /// <summary>Layout changes too.</summary>
    Layout,

    /// <summary>All that there is.</summary>
    All,
}
