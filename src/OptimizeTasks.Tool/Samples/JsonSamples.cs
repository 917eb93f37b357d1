using System.Text.Json;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>Samples in JSON lines: an object on every line, with nested arrays of numbers named like the inputs.</summary>
internal sealed class JsonSamples(string path, IReadOnlyList<SampleInput> inputs, string? label) : SampleFile(path)
{
    protected override long CountSamples(CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(Path);
        long count = 0;
        foreach ((long number, ReadOnlyMemory<byte> line) in JsonLines.Read(file))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What the first line lacks, the others will.
            if (count++ == 0)
                ReadLine(number, line.Span);
        }

        return count > 0 ? count : throw new InvalidDataException("The file is empty");
    }

    protected override IEnumerable<Sample> ReadSamples(CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(Path);
        foreach ((long number, ReadOnlyMemory<byte> line) in JsonLines.Read(file))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ReadLine(number, line.Span);
        }
    }

    private Sample ReadLine(long number, ReadOnlySpan<byte> line)
    {
        try
        {
            return ReadObject(line);
        }
        // Text that is no UTF-8 is an invalid operation to the reader.
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"Line {number}: {e.Message}", e);
        }
    }

    private Sample ReadObject(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException("""There is no object such as {"input": [1, 2, 3]}""");
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Tensor? labels = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (inputs.FirstOrDefault(i => i.Name == name) is { } input)
            {
                if (!tensors.TryAdd(name, TensorOf(input, ref reader)))
                    throw new InvalidDataException($"'{name}' occurs twice");
            }
            else if (name == label)
            {
                labels = LabelOf(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        // What follows the object is none of JSON lines.
        reader.Read();
        if (inputs.FirstOrDefault(i => !tensors.ContainsKey(i.Name)) is { } missing)
            throw new InvalidDataException($"There is nothing for the input {missing}");
        if (label is not null && labels is null)
            throw new InvalidDataException($"There is no label '{label}'");
        return Checked(new Sample(tensors, labels));
    }

    private static Tensor TensorOf(SampleInput input, ref Utf8JsonReader reader)
    {
        JsonTensor read = JsonTensor.Read(input.Type, ref reader);
        long[] shape = read.Shape;
        // Who writes one sample on a line need not write the batch.
        if (shape.Length + 1 == input.Dimensions?.Length && input.Rows == 1)
            shape = [1, .. shape];
        return input.Takes(shape)
            ? read.ToTensor(shape)
            : throw new InvalidDataException($"The shape [{string.Join(", ", read.Shape)}] does not fit the input {input}");
    }

    private static Tensor LabelOf(ref Utf8JsonReader reader)
    {
        JsonTensor read = JsonTensor.Read(ElementType.Int64, ref reader);
        return read.ToTensor(read.Shape.Length == 0 ? [1] : read.Shape);
    }
}
