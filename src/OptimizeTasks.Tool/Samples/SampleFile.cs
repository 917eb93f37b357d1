using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>One file with samples.</summary>
/// <param name="path">The file.</param>
internal abstract class SampleFile(string path)
{
    /// <summary>The file.</summary>
    protected string Path { get; } = path;

    /// <summary>The file, by its extension.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">What a sample has.</param>
    /// <param name="label">The name of the labels, or null where there are none.</param>
    public static SampleFile Of(string path, IReadOnlyList<SampleInput> inputs, string? label) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".NPZ" or ".NPY" => new NumpySamples(path, inputs, label),
        ".JSONL" or ".JSON" => new JsonSamples(path, inputs, label),
        var other => throw new CompilationException(Diagnostics.InvalidInputs.Create($"Samples are in .npz, .npy or .jsonl, not in '{other}'", path)),
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
