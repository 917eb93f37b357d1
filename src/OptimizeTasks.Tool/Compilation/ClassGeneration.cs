using OptimizeTasks.CodeGeneration;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>Makes the class of a model. Needs its signature alone, and runs nothing.</summary>
internal sealed class ClassGeneration
{
    private readonly ClassOptions _options;
    private readonly string _path;

    /// <summary>A generation with these settings.</summary>
    /// <param name="settings">What the user asks for.</param>
    /// <param name="displayPath">What the user calls the model; its name makes that of the class.</param>
    /// <param name="path">The file that receives the class.</param>
    /// <exception cref="CompilationException">The class cannot have that name.</exception>
    public ClassGeneration(ItemSettings settings, string displayPath, string path)
    {
        _path = Path.GetFullPath(path);
        _options = new ClassOptions
        {
            ClassName = settings.ClassName ?? ClassGenerator.ClassNameOf(Path.GetFileName(displayPath)),
            Namespace = settings.Namespace,
            Access = settings.IsPublic ? "public" : "internal",
            Providers = string.Join(';', settings.Providers),
            TargetPath = settings.TargetPath ?? "models/" + Path.GetFileName(displayPath),
            SourcePath = SourceName.Of(displayPath),
        };
        if (ClassGenerator.Validate(_options) is { } fault)
            throw new CompilationException(Diagnostics.InvalidClass.Create(fault, displayPath));
    }

    /// <summary>Writes the class of a model that is compiled elsewhere, or not at all.</summary>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="displayPath">What diagnostics call it.</param>
    /// <param name="sourcePath">The file that receives the class.</param>
    /// <param name="settings">What the user asks for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The file that was written, and the model's external data.</returns>
    /// <exception cref="CompilationException">There is no result; the diagnostic says why.</exception>
    public static IReadOnlyList<OutputFile> Run(string modelPath, string displayPath, string sourcePath, ItemSettings settings, CancellationToken cancellationToken)
    {
        var generation = new ClassGeneration(settings, displayPath, sourcePath);
        using Model model = ModelFiles.Read(modelPath, displayPath, cancellationToken);
        OutputPaths.Check(model, [sourcePath], inPlace: false);
        return [generation.Write(ModelSignature.Of(model, settings.Compiler, displayPath))];
    }

    /// <summary>Writes the class, unless the file holds it already.</summary>
    public OutputFile Write(Signature signature)
    {
        Writing.TextIfDifferent(_path, ClassGenerator.Generate(signature, _options));
        return new OutputFile("source", _path);
    }
}
