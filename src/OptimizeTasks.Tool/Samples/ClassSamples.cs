using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution.Workers;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Tool.Samples;

/// <summary>
/// Samples that a class of the user's project makes. It is asked once, in a process of its own, and what it gives is kept in
/// a file: every reading is the same, however the class makes them, and takes no longer than reading.
/// </summary>
internal sealed class ClassSamples(string path, string assembly, IReadOnlyList<SampleInput> inputs, string? label) : SampleFile(path)
{
    /// <summary>A class may give samples without end.</summary>
    public const int MostSamples = 4096;

    private const long MostBytes = 2_000_000_000;

    /// <summary>What the labels are kept as: an input may have their name, and none has this one.</summary>
    private const string LabelKey = "";

    private readonly Lazy<TemporaryFile> _kept = new(() => new TemporaryFile());
    private long? _count;
    private bool _isCut;

    /// <inheritdoc/>
    public override bool IsCut => _isCut;

    /// <inheritdoc/>
    public override SafeFileHandle OpenContent() => _kept.Value.Handle();

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_kept.IsValueCreated)
            _kept.Value.Dispose();
    }

    protected override long CountSamples(CancellationToken cancellationToken) => _count ??= Keep(cancellationToken);

    protected override IEnumerable<Sample> ReadSamples(CancellationToken cancellationToken)
    {
        long count = CountSamples(cancellationToken);
        using var reader = new BinaryReader(_kept.Value.Open(), Encoding.UTF8);
        for (long i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Dictionary<string, Tensor> arrays = TensorWire.Read(reader);
            yield return new Sample(inputs.ToDictionary(input => input.Name, input => arrays[input.Name], StringComparer.Ordinal), label is null ? null : arrays[LabelKey]);
        }
    }

    private long Keep(CancellationToken cancellationToken)
    {
        using var process = new SampleClassProcess(Path, assembly, cancellationToken);
        using var writer = new BinaryWriter(_kept.Value.Open(), Encoding.UTF8);
        long count = 0;
        while (process.Next() is { } given)
        {
            if (count == MostSamples || writer.BaseStream.Position >= MostBytes)
            {
                _isCut = true;
                break;
            }

            count++;
            try
            {
                TensorWire.Write(writer, Arrays(given));
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"Sample {count}: {e.Message}", e);
            }
        }

        return count > 0 ? count : throw new CompilationException(Diagnostics.NoSamples.Create("The class gives no samples", Path));
    }

    /// <summary>The arrays that the model takes, in the shapes that it takes.</summary>
    private Dictionary<string, Tensor> Arrays(IReadOnlyDictionary<string, Tensor> given)
    {
        Dictionary<string, Tensor> arrays = inputs.ToDictionary(input => input.Name, input => Fit(input, Named(given, input.Name, "an input")), StringComparer.Ordinal);
        Checked(new Sample(arrays));
        if (label is null)
            return arrays;
        Tensor labels = Named(given, label, "labels");
        if (!SampleLabel.IsIndex(labels.ElementType))
            throw new InvalidDataException($"'{label}' is {labels}; labels are integers");
        arrays[LabelKey] = SampleLabel.Of(labels.Rank > 0 ? labels : new Tensor(labels.ElementType, [1], labels.Data));
        return arrays;
    }

    private static Tensor Named(IReadOnlyDictionary<string, Tensor> given, string name, string purpose) => given.GetValueOrDefault(name)
        ?? throw new InvalidDataException($"There is no array '{name}' for {purpose} ({(given.Count == 0 ? "there is none at all" : "there are " + string.Join(", ", given.Keys))})");

    private static Tensor Fit(SampleInput input, Tensor given)
    {
        if (given.ElementType != input.Type)
            throw new InvalidDataException($"The array is {given}, and is for the input {input}");
        return ShapeOf(input, given) is { } shape
            ? new Tensor(given.ElementType, shape, given.Data)
            : throw new InvalidDataException($"The array is {given}, which does not fit the input {input}");
    }

    /// <summary>The shape of the array, with a batch of 1 where it has none; where the array is flat, the shape that the model gives it.</summary>
    private static long[]? ShapeOf(SampleInput input, Tensor given)
    {
        ImmutableArray<long> shape = given.Dimensions;
        if (input.Takes(shape.AsSpan()))
            return [.. shape];
        long[] batch = [1, .. shape];
        if (input.Rows == 1 && input.Takes(batch))
            return batch;
        return given.Rank == 1 ? FlatShape(input, given.ElementCount) : null;
    }

    private static long[]? FlatShape(SampleInput input, long count)
    {
        // A batch of any size is one row.
        long?[] sizes = [.. (input.Dimensions ?? []).Select((dimension, axis) => dimension.Size ?? (axis == 0 ? input.Rows : null))];
        long known = sizes.Aggregate(1L, (product, size) => checked(product * (size ?? 1)));
        if (sizes.Count(size => size is null) > 1 || known == 0 || count % known != 0)
            return null;
        long[] shape = [.. sizes.Select(size => size ?? (count / known))];
        return shape.Aggregate(1L, (product, size) => product * size) == count ? shape : null;
    }
}
