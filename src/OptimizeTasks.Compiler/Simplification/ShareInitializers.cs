using System.Buffers.Binary;
using System.Security.Cryptography;
using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Stores equal initializers once. Weights are not read for it: only tensors of one type and shape whose samples have the
/// same hash are read, each once, and compared by a hash of everything. Computed tensors are not computed for it: they are
/// equal if their computations are.
/// </summary>
internal sealed class ShareInitializers : Pass
{
    private const int BlockBytes = 1 << 20;
    private const int SampleBytes = 256;

    /// <inheritdoc/>
    public override int Run(Graph graph, PassContext context)
    {
        int changes = 0;
        foreach (Graph current in graph.AllGraphs())
        {
            Value[] constants = [.. current.Initializers.Where(v => v.Constant is { Data: not StringData } && !v.IsOutput)];
            foreach (Value[] equal in Equal(constants, context.CancellationToken))
            {
                foreach (Value value in equal.AsSpan(1))
                {
                    current.Replace(value, equal[0]);
                    current.RemoveIfDead(value);
                    changes++;
                }
            }
        }

        return changes;
    }

    private static IEnumerable<Value[]> Equal(Value[] constants, CancellationToken cancellationToken) =>
        from shape in Several(constants, v => v.Constant!.ToString(), StringComparer.Ordinal)
        from content in Several([.. shape.Where(IsComputed)], v => v.Constant!.Data, null).Concat(EqualBytes([.. shape.Where(v => !IsComputed(v))], cancellationToken))
        select content;

    private static IEnumerable<Value[]> EqualBytes(Value[] constants, CancellationToken cancellationToken) =>
        from sample in Several(constants, v => Sample(v.Constant!.Data, cancellationToken), null)
        from content in sample[0].Constant!.ByteLength <= SampleBytes ? [sample] : Several(sample, v => Content(v.Constant!.Data, cancellationToken), null)
        select content;

    private static bool IsComputed(Value value) => value.Constant!.Data is ComputedData;

    /// <summary>The groups of more than one, each in the graph's order.</summary>
    private static IEnumerable<Value[]> Several<TKey>(Value[] values, Func<Value, TKey> key, IEqualityComparer<TKey>? comparer) =>
        values.Length <= 1 ? [] : values.GroupBy(key, comparer).Select(group => group.ToArray()).Where(group => group.Length > 1);

    /// <summary>A hash of the first, middle and last bytes; of all where they are few.</summary>
    private static UInt128 Sample(TensorData data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Span<byte> bytes = stackalloc byte[3 * SampleBytes];
        if (data.Length <= SampleBytes)
        {
            bytes = bytes[..(int)data.Length];
            data.Read(0, bytes);
        }
        else
        {
            data.Read(0, bytes[..SampleBytes]);
            data.Read((data.Length - SampleBytes) / 2, bytes.Slice(SampleBytes, SampleBytes));
            data.Read(data.Length - SampleBytes, bytes[(2 * SampleBytes)..]);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Number(hash);
    }

    private static UInt128 Content(TensorData data, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[Math.Min(BlockBytes, data.Length)];
        for (long offset = 0; offset < data.Length; offset += block.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> part = block.AsSpan(0, (int)Math.Min(block.Length, data.Length - offset));
            data.Read(offset, part);
            hash.AppendData(part);
        }

        return Number(hash.GetHashAndReset());
    }

    private static UInt128 Number(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt128LittleEndian(hash);
}
