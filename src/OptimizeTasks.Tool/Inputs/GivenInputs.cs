using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>Inputs that the user gives in a file.</summary>
internal static class GivenInputs
{
    /// <summary>The tensors of a file, which must be those of a model's inputs.</summary>
    /// <param name="file">The npz or npy file.</param>
    /// <param name="modelPath">The model.</param>
    /// <exception cref="CompilationException">They are not, or a file cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string file, string modelPath)
    {
        IReadOnlyDictionary<string, Tensor> tensors = NpzReader.Read(file);
        using Model model = ModelFiles.Read(modelPath);
        string[] known = [.. model.Graph.Inputs.Select(i => i.Name)];
        string[] needed = [.. model.Graph.Inputs.Where(i => i.Initializer is null).Select(i => i.Name)];
        if (needed.Except(tensors.Keys, StringComparer.Ordinal).FirstOrDefault() is { } missing)
            throw Unfit($"There is no array for the input '{missing}' ({string.Join(", ", known)})");
        if (tensors.Keys.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } extra)
            throw Unfit($"The model has no input '{extra}' ({string.Join(", ", known)})");
        foreach (Value input in model.Graph.Inputs)
        {
            if (tensors.TryGetValue(input.Name, out Tensor? tensor) && tensor.ElementType != input.ElementType)
                throw Unfit($"The array for the input '{input.Name}' is {tensor.ElementType}, the input {input.ElementType}");
        }

        return tensors;

        CompilationException Unfit(string what) => new(Diagnostics.InvalidInputs.Create(what, file));
    }
}
