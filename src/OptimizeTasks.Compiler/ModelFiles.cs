using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>Reads model files. What is wrong with a file becomes a diagnostic.</summary>
public static class ModelFiles
{
    /// <summary>Reads a model; its weights stay in the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="displayPath">What diagnostics call it; null for the path itself.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CompilationException">There is no such file, it cannot be read, or it is no valid model.</exception>
    public static Model Read(string path, string? displayPath = null, CancellationToken cancellationToken = default)
    {
        string file = displayPath ?? path;
        try
        {
            if (!File.Exists(path))
                throw new CompilationException(Diagnostics.ModelNotFound.Create($"There is no file '{file}'", file));
            return ModelReader.Read(path, cancellationToken);
        }
        catch (ModelFormatException e)
        {
            throw new CompilationException(Descriptor(e.Fault).Create(e.Message, file), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, file), e);
        }
    }

    /// <summary>The kind of diagnostic for what is wrong with a model.</summary>
    public static DiagnosticDescriptor Descriptor(ModelFault fault) => fault switch
    {
        ModelFault.NotAModel => Diagnostics.NotAModel,
        ModelFault.Truncated => Diagnostics.ModelTruncated,
        ModelFault.ExternalDataMissing => Diagnostics.ExternalDataMissing,
        ModelFault.ExternalDataOutside => Diagnostics.ExternalDataOutside,
        _ => Diagnostics.InvalidGraph,
    };
}
