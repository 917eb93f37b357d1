using OptimizeTasks.Manifest;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>A model that is to be loaded: the graphs that its manifest has for providers, or the one there is without a manifest.</summary>
/// <param name="manifest">The manifest, or null.</param>
/// <param name="name">What messages call the manifest.</param>
/// <param name="open">The graph of a variant.</param>
internal sealed class ModelGraphs(CompiledModel? manifest, string name, Func<Variant, ModelSource> open)
{
    private ModelSource? _only;

    public CompiledModel? Manifest => manifest;

    /// <summary>A model without a manifest.</summary>
    public static ModelGraphs Of(ModelSource source) => new(null, "", _ => source) { _only = source };

    /// <summary>The variant for these providers; null where there is no manifest.</summary>
    /// <exception cref="ModelMismatchException">The manifest has none.</exception>
    public Variant? Select(IReadOnlyList<Provider> providers) => manifest is null ? null : VariantSelection.Select(manifest, providers, name);

    /// <summary>The variants for calls of certain sizes that go with a general one.</summary>
    public IEnumerable<Variant> SizesBeside(Variant? general) =>
        manifest is null || general is null ? [] : manifest.Variants.Where(variant => !variant.When.Dimensions.IsEmpty && variant.When.Provider == general.When.Provider);

    /// <summary>The graph of a variant.</summary>
    public ModelSource Open(Variant? variant) => variant is null ? _only! : open(variant);
}
