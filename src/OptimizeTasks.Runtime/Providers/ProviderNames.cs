namespace OptimizeTasks.Runtime.Providers;

/// <summary>The providers by name.</summary>
internal static class ProviderNames
{
    private static readonly Provider[] s_all =
    [
        Provider.Cpu, Provider.Cuda, Provider.TensorRt, Provider.WebGpu, Provider.DirectMl, Provider.OpenVino, Provider.CoreMl, Provider.Qnn,
    ];

    public static Provider Get(string name) => s_all.FirstOrDefault(provider => provider.Name == name)
        ?? throw new ArgumentException($"there is no provider '{name}'; there are {string.Join(", ", s_all.Select(provider => provider.Name))}", nameof(name));

    /// <summary>Our name for a provider in ONNX Runtime's reports, or its own where we have none.</summary>
    public static string OfOrtName(string name) => s_all.FirstOrDefault(provider => provider.OrtName == name)?.Name ?? name;
}
