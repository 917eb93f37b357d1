using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Chooses the variant for the providers that were asked for.</summary>
internal static class VariantSelection
{
    /// <summary>
    /// The first variant that the first provider with any fits. A variant for some sizes only does not fit: the sizes are
    /// not known at load.
    /// </summary>
    /// <exception cref="ModelMismatchException">None fits.</exception>
    public static Variant Select(CompiledModel model, IReadOnlyList<Provider> providers, string source)
    {
        foreach (Provider provider in providers)
        {
            foreach (Variant variant in model.Variants)
            {
                if (variant.When.Dimensions.IsEmpty && (variant.When.Provider is null || variant.When.Provider == provider.Name))
                    return variant;
            }
        }

        throw new ModelMismatchException(
            $"{source} has no variant for {string.Join(", ", providers.Select(provider => provider.Name))}; it has "
            + string.Join(", ", model.Variants.Select(variant => $"{variant.Name} ({variant.When.Provider ?? "any provider"})")));
    }
}
