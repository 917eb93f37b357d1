using System.Collections.Immutable;

namespace OptimizeTasks.Tool.Options;

/// <summary>The value of <c>Providers</c>: execution providers in order of preference.</summary>
internal static class ProviderList
{
    private static readonly string[] s_known = ["Cpu", "Cuda", "TensorRt", "WebGpu", "DirectMl", "OpenVino", "CoreMl", "Qnn"];

    /// <summary>All providers, for messages.</summary>
    public static string Names => string.Join(", ", s_known);

    /// <summary>The providers of a list such as <c>Cuda;Cpu</c>, in the spelling of the documentation.</summary>
    public static ImmutableArray<string> Parse(string value)
    {
        var providers = ImmutableArray.CreateBuilder<string>();
        foreach (string entry in ItemMetadata.List(value))
        {
            string provider = Array.Find(s_known, known => string.Equals(known, entry, StringComparison.OrdinalIgnoreCase))
                ?? throw ItemMetadata.Wrong(MetadataNames.Providers, entry, "a list of " + Names);
            if (providers.Contains(provider))
                throw ItemMetadata.Wrong(MetadataNames.Providers, value, "a list that names every provider once");
            providers.Add(provider);
        }

        return providers.Count > 0 ? providers.ToImmutable() : throw ItemMetadata.Wrong(MetadataNames.Providers, value, "a list of " + Names);
    }
}
