using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Inputs;

/// <summary>Reads the tensors of a NumPy file: <c>.npz</c> (a zip archive of arrays) or <c>.npy</c> (one array).</summary>
internal static class NpzReader
{
    /// <summary>The arrays by name; the name of a <c>.npy</c> file is its array's.</summary>
    /// <exception cref="CompilationException">The file cannot be read, or is damaged.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            using var arrays = new NumpyArrays(path);
            return arrays.Names.ToDictionary(name => name, arrays.Read, StringComparer.Ordinal);
        }
        catch (InvalidDataException e)
        {
            throw new CompilationException(Diagnostics.InvalidInputs.Create(e.Message, path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, path), e);
        }
    }
}
