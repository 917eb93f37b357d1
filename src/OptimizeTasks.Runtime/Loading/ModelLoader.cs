using System.ComponentModel;
using System.Reflection;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Calling;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Finds a model with its manifest and makes a session of it, for generated classes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ModelLoader
{
    /// <summary>Loads a model from a file: the one that the build copied to the app's folder, unless a path is given.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelMismatchException">It is not the model that the class was generated for.</exception>
    /// <exception cref="ManifestException">Its manifest is damaged or too new.</exception>
    /// <exception cref="ProviderException">No provider can start, or the required one does not run the model.</exception>
    public static LoadedModel Load(ModelContract contract, string? path, ModelOptions? options)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ContractCheck.CheckLibrary(contract);
        options ??= new ModelOptions();
        path = path is null ? Path.Combine(AppContext.BaseDirectory, contract.TargetPath) : Path.GetFullPath(path);
        IReadOnlyList<Provider> providers = ProvidersOf(contract, options);
        string manifestPath = path.EndsWith(CompiledModel.FileExtension, StringComparison.OrdinalIgnoreCase) ? path : CompiledModel.PathBeside(path);
        if (!File.Exists(manifestPath))
            return SessionFactory.Create(contract, ModelGraphs.Of(ModelSource.OfFile(Existing(path, contract))), providers, options);
        CompiledModel manifest = CompiledModel.ReadFile(manifestPath);
        ContractCheck.CheckManifest(contract, manifest, manifestPath);
        string folder = Path.GetDirectoryName(manifestPath)!;
        return SessionFactory.Create(contract, new ModelGraphs(manifest, manifestPath, variant => ModelSource.OfFile(Existing(Path.Combine(folder, variant.File), contract))), providers, options);
    }

    /// <summary>Loads a model from a stream, which holds the whole model: weights in a file of their own are not found.</summary>
    /// <exception cref="ModelMismatchException">It is not the model that the class was generated for.</exception>
    /// <exception cref="ProviderException">No provider can start, or the required one does not run the model.</exception>
    public static LoadedModel Load(ModelContract contract, Stream model, ModelOptions? options)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(model);
        ContractCheck.CheckLibrary(contract);
        options ??= new ModelOptions();
        return SessionFactory.Create(contract, ModelGraphs.Of(ModelSource.OfStream(model)), ProvidersOf(contract, options), options);
    }

    /// <summary>Loads a model from an embedded resource, with the manifest if that is embedded beside it.</summary>
    /// <exception cref="FileNotFoundException">There is no such resource.</exception>
    /// <exception cref="ModelMismatchException">It is not the model that the class was generated for.</exception>
    /// <exception cref="ManifestException">Its manifest is damaged or too new.</exception>
    /// <exception cref="ProviderException">No provider can start, or the required one does not run the model.</exception>
    public static LoadedModel LoadResource(ModelContract contract, Assembly assembly, string name, ModelOptions? options)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(assembly);
        ContractCheck.CheckLibrary(contract);
        options ??= new ModelOptions();
        IReadOnlyList<Provider> providers = ProvidersOf(contract, options);
        string manifestName = CompiledModel.PathBeside(name);
        using Stream? manifestStream = assembly.GetManifestResourceStream(manifestName);
        if (manifestStream is null)
            return SessionFactory.Create(contract, ModelGraphs.Of(Resource(assembly, name)), providers, options);
        CompiledModel manifest = CompiledModel.Read(ModelSource.ReadAll(manifestStream));
        ContractCheck.CheckManifest(contract, manifest, manifestName);
        return SessionFactory.Create(contract, new ModelGraphs(manifest, manifestName, variant => Resource(assembly, ResourceName(name, manifest, variant))), providers, options);
    }

    private static ModelSource Resource(Assembly assembly, string name)
    {
        using Stream model = assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"{assembly.GetName().Name} has no embedded resource '{name}'; it has {string.Join(", ", assembly.GetManifestResourceNames())}", name);
        return ModelSource.OfStream(model);
    }

    /// <summary>The first general variant has the model's name, and the others are named after it: so are their resources.</summary>
    internal static string ResourceName(string name, CompiledModel manifest, Variant variant)
    {
        string first = (manifest.Variants.FirstOrDefault(v => v.When.Dimensions.IsEmpty) ?? variant).File, stem = Path.GetFileNameWithoutExtension(first);
        return variant.File == first || !variant.File.StartsWith(stem, StringComparison.Ordinal) ? name : Path.ChangeExtension(name, null) + variant.File[stem.Length..];
    }

    private static IReadOnlyList<Provider> ProvidersOf(ModelContract contract, ModelOptions options)
    {
        IReadOnlyList<Provider> providers = options.Providers ?? Provider.Parse(contract.Providers);
        return providers.Count > 0 ? providers : [Provider.Cpu];
    }

    private static string Existing(string path, ModelContract contract) => File.Exists(path)
        ? path
        : throw new FileNotFoundException(
            $"the model of the class {contract.ClassName} is not at {path}: the build copies it there from its OptimizedModel item; a path can be given to Load", path);
}
