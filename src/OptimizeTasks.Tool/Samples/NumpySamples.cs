using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Inputs;

namespace OptimizeTasks.Tool.Samples;

/// <summary>
/// Samples in <c>.npz</c> or <c>.npy</c>: arrays named like the inputs. They are read side by side, a sample's part of
/// each at a time.
/// </summary>
internal sealed class NumpySamples(string path, IReadOnlyList<SampleInput> inputs, string? label) : SampleFile(path)
{
    protected override long CountSamples(CancellationToken cancellationToken)
    {
        using var arrays = new NumpyArrays(Path);
        return Open(arrays).Count;
    }

    protected override IEnumerable<Sample> ReadSamples(CancellationToken cancellationToken)
    {
        using var arrays = new NumpyArrays(Path);
        (long count, Column[] columns, NpyReader? labels) = Open(arrays);
        Dictionary<string, Tensor> shared = columns.Where(c => c.Layout.Count is null).ToDictionary(c => c.Input.Name, c => c.Next(), StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Dictionary<string, Tensor> tensors = columns.ToDictionary(c => c.Input.Name, c => shared.GetValueOrDefault(c.Input.Name) ?? c.Next(), StringComparer.Ordinal);
            yield return Checked(new Sample(tensors, labels is null ? null : SampleLabel.Of(labels.ReadNext([labels.Header.Shape[0] / count, .. labels.Header.Shape[1..]]))));
        }
    }

    private Opened Open(NumpyArrays arrays)
    {
        NpyReader? labels = label is null ? null : arrays.Open(label, "with labels");
        Column[] columns = [.. inputs.Select(input => ColumnOf(input, arrays))];
        if (columns.Length > 0 && columns.All(c => c.Layout.Shape.Contains(0)))
            throw new InvalidDataException("The arrays are empty");
        // A model that takes nothing but scalars has one sample in a file.
        Column? first = columns.FirstOrDefault(c => c.Layout.Count is not null);
        long count = first?.Layout.Count ?? 1;
        if (columns.FirstOrDefault(c => c.Layout.Count is { } other && other != count) is { } odd)
            throw new InvalidDataException($"The array for '{first!.Input.Name}' holds {count} samples, the one for '{odd.Input.Name}' {odd.Layout.Count}; give each a dimension of samples in front");
        if (labels is not null)
            SampleLabel.Check(labels.Header, label!, count);
        return new Opened(count, columns, labels);
    }

    private Column ColumnOf(SampleInput input, NumpyArrays arrays)
    {
        // Who has one array and one input need not name it.
        string name = arrays.Has(input.Name) || inputs.Count > 1 ? input.Name : arrays.Only(except: label) ?? input.Name;
        NpyReader array = arrays.Open(name, "for an input");
        if (array.Header.Type != input.Type)
            throw new InvalidDataException($"The array '{name}' is {array.Header.Type}, and is for the input {input}");
        return new Column(input, array, SampleLayout.Of(input, name, array.Header.Shape));
    }

    private sealed record Opened(long Count, Column[] Columns, NpyReader? Labels);

    /// <summary>The array of one input.</summary>
    private sealed record Column(SampleInput Input, NpyReader Array, SampleLayout Layout)
    {
        public Tensor Next() => Array.ReadNext(Layout.Shape);
    }
}
