using OptimizeTasks.Compiler.Passes;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Stores equal initializers once. Weights are not read for it: only tensors of one type and shape whose samples are
/// equal are compared, byte by byte.
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
            var kept = new Dictionary<string, List<Value>>(StringComparer.Ordinal);
            var byShape = current.Initializers
                .Where(v => v.Constant is { Data: not StringData } && !v.IsOutput)
                .GroupBy(v => v.Constant!.ToString(), StringComparer.Ordinal)
                .Where(g => g.Skip(1).Any())
                .ToArray();
            foreach (Value value in byShape.SelectMany(g => g))
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                string key = $"{value.Constant} {Sample(value.Constant!.Data)}";
                if (!kept.TryGetValue(key, out List<Value>? candidates))
                    kept[key] = candidates = [];
                if (candidates.Find(c => ContentEquals(c.Constant!.Data, value.Constant!.Data)) is { } same)
                {
                    current.Replace(value, same);
                    current.RemoveIfDead(value);
                    changes++;
                }
                else
                {
                    candidates.Add(value);
                }
            }
        }

        return changes;
    }

    /// <summary>The first, middle and last bytes.</summary>
    private static string Sample(TensorData data)
    {
        Span<byte> bytes = stackalloc byte[3 * SampleBytes];
        int length = (int)Math.Min(SampleBytes, data.Length);
        data.Read(0, bytes[..length]);
        data.Read((data.Length - length) / 2, bytes.Slice(SampleBytes, length));
        data.Read(data.Length - length, bytes.Slice(2 * SampleBytes, length));
        return Convert.ToHexString(bytes);
    }

    private static bool ContentEquals(TensorData a, TensorData b)
    {
        if (ReferenceEquals(a, b))
            return true;
        var first = new byte[Math.Min(BlockBytes, a.Length)];
        var second = new byte[first.Length];
        for (long offset = 0; offset < a.Length; offset += first.Length)
        {
            int length = (int)Math.Min(first.Length, a.Length - offset);
            a.Read(offset, first.AsSpan(0, length));
            b.Read(offset, second.AsSpan(0, length));
            if (!first.AsSpan(0, length).SequenceEqual(second.AsSpan(0, length)))
                return false;
        }

        return true;
    }
}
