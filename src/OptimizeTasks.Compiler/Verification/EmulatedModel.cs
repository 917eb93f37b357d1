using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>A file with the <see cref="BFloat16Emulation"/> of a model, which is gone afterwards.</summary>
internal sealed class EmulatedModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("OptimizeTasks-emulation-").FullName;

    private EmulatedModel()
    {
    }

    /// <summary>The file.</summary>
    public string Path => System.IO.Path.Combine(_folder, "model.onnx");

    /// <summary>The emulation of a model file; null where the model runs as it is.</summary>
    public static EmulatedModel? Of(string path, CancellationToken cancellationToken)
    {
        using Model model = ModelFiles.Read(path, cancellationToken: cancellationToken);
        if (!BFloat16Emulation.IsNeeded(model))
            return null;
        BFloat16Emulation.Apply(model);
        var emulated = new EmulatedModel();
        ModelWriter.Write(model, emulated.Path, cancellationToken: cancellationToken);
        return emulated;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
