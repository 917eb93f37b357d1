using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Compilation;

namespace OptimizeTasks.Tool.Samples;

/// <summary>One file with samples.</summary>
/// <param name="path">The file.</param>
internal abstract class SampleFile(string path) : IDisposable
{
    /// <summary>The file.</summary>
    protected string Path { get; } = path;

    /// <summary>Whether more samples were to be had than are read.</summary>
    public virtual bool IsCut => false;

    /// <summary>The file, by its extension.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleClass">The assembly that a source file was compiled to, or null.</param>
    /// <param name="inputs">What a sample has.</param>
    /// <param name="label">The name of the labels, or null where there are none.</param>
    public static SampleFile Of(string path, string? sampleClass, IReadOnlyList<SampleInput> inputs, string? label) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".NPZ" or ".NPY" => new NumpySamples(path, inputs, label),
        ".JSONL" or ".JSON" => new JsonSamples(path, inputs, label),
        ".DLL" => new ClassSamples(path, path, inputs, label),
        ".CS" when sampleClass is not null => new ClassSamples(path, sampleClass, inputs, label),
        ".CS" => throw new CompilationException(Diagnostics.InvalidInputs.Create("A class is compiled by the build of its project; here its assembly, a .dll, can give samples", path)),
        var other => throw new CompilationException(Diagnostics.InvalidInputs.Create($"Samples are in .npz, .npy or .jsonl, or come from a class in .cs or .dll, not from '{other}'", path)),
    };

    /// <summary>The number of samples. What can be checked without reading everything is.</summary>
    /// <exception cref="CompilationException">The file cannot be read, is damaged, or does not fit the model.</exception>
    public long Count(CancellationToken cancellationToken) => Guarded(() => CountSamples(cancellationToken));

    /// <summary>The samples, one in memory at a time.</summary>
    /// <exception cref="CompilationException">The file cannot be read, is damaged, or does not fit the model.</exception>
    public IEnumerable<Sample> Read(CancellationToken cancellationToken)
    {
        using IEnumerator<Sample> samples = ReadSamples(cancellationToken).GetEnumerator();
        while (Guarded(samples.MoveNext))
            yield return samples.Current;
    }

    /// <summary>Opens the file whose bytes are the samples.</summary>
    public virtual SafeFileHandle OpenContent() => ContentHash.Open(Path);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    protected abstract long CountSamples(CancellationToken cancellationToken);

    protected abstract IEnumerable<Sample> ReadSamples(CancellationToken cancellationToken);

    /// <summary>A sample of which no number is NaN.</summary>
    protected static Sample Checked(Sample sample)
    {
        foreach ((string name, Tensor tensor) in sample.Inputs)
        {
            if (HasNaN(tensor))
                throw new InvalidDataException($"A sample has NaN in '{name}'");
        }

        return sample;
    }

    private static bool HasNaN(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => Any(tensor.Read<float>()),
        ElementType.Double => Any(tensor.Read<double>()),
        ElementType.Float16 => Any(tensor.Read<Half>()),
        _ => false,
    };

    private static bool Any<T>(ReadOnlySpan<T> numbers)
        where T : System.Numerics.INumberBase<T>
    {
        foreach (T number in numbers)
        {
            if (T.IsNaN(number))
                return true;
        }

        return false;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException e)
        {
            throw new CompilationException(Diagnostics.NoSamples.Create("There is no such file", Path), e);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            throw new CompilationException(Diagnostics.InvalidInputs.Create(e.Message, Path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilationException(Diagnostics.CannotRead.Create(e.Message, Path), e);
        }
    }
}
