using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Benchmarking;

/// <summary>A model that is measured, and how it is loaded.</summary>
internal sealed record Contender
{
    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The ONNX file.</summary>
    public required string File { get; init; }

    /// <summary>How it is loaded.</summary>
    public required SessionSettings Settings { get; init; }

    /// <summary>The inputs that a caller must give.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>The outputs that are tensors.</summary>
    public required ImmutableArray<string> Outputs { get; init; }

    /// <summary>An ONNX file, loaded as ONNX Runtime does by itself; or a manifest, whose variant for the provider, or else the first, is loaded as it says.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">Provider and threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">The file cannot be read, or is neither.</exception>
    public static Contender Of(string path, SessionSettings settings, CancellationToken cancellationToken)
    {
        bool isManifest = path.EndsWith(CompiledModel.FileExtension, StringComparison.OrdinalIgnoreCase);
        (string file, SessionSettings loading) = isManifest ? OfManifest(path, settings) : (path, settings);
        using Model model = ModelFiles.Read(file, isManifest ? null : path, cancellationToken);
        return new Contender
        {
            Name = path,
            File = file,
            Settings = loading,
            Inputs = [.. model.Graph.Inputs.Where(input => input.Initializer is null).Select(input => input.Name)],
            Outputs = [.. model.Graph.Outputs.Where(output => output.Type is null or TensorType).Select(output => output.Name).Distinct()],
        };
    }

    /// <summary>Measures the model once.</summary>
    /// <exception cref="CompilationException">It lacks an input, does not load or does not run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ModelMeasurement Measure(ModelMeter meter, IReadOnlyDictionary<string, Tensor> inputs, int runs, CancellationToken cancellationToken)
    {
        if (Inputs.FirstOrDefault(name => !inputs.ContainsKey(name)) is { } missing)
            throw new CompilationException(Diagnostics.InvalidInputs.Create($"There is nothing for the input '{missing}'", Name));
        try
        {
            // A model may have dropped an input that another still has.
            Dictionary<string, Tensor> own = Inputs.ToDictionary(name => name, name => inputs[name], StringComparer.Ordinal);
            return meter.Measure(File, Settings, own, Outputs, runs, RunLimits.Default.Time, cancellationToken);
        }
        catch (ModelRunException e)
        {
            throw e.ToCompilationException(Name);
        }
    }

    private static (string File, SessionSettings Settings) OfManifest(string path, SessionSettings settings)
    {
        try
        {
            CompiledModel manifest = CompiledModel.ReadFile(path);
            Variant variant = manifest.Variants.FirstOrDefault(v => v.When.Dimensions.IsEmpty && (v.When.Provider is null || v.When.Provider == settings.Provider))
                ?? manifest.Variants.FirstOrDefault()
                ?? throw new CompilationException(Diagnostics.NotAModel.Create("The manifest has no variant", path));
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return (Path.Combine(folder, variant.File), settings with { Optimization = variant.LoadOptimization, Configuration = variant.SessionConfiguration });
        }
        catch (ManifestException e)
        {
            throw new CompilationException(Diagnostics.NotAModel.Create(e.Message, path), e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CompilationException(Diagnostics.ModelNotFound.Create($"There is no file '{path}'", path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, path), e);
        }
    }
}
