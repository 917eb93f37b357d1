using System.Globalization;

namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>A damaged model: everything about it follows from its seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Model">The model that was damaged.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Damage">What was done.</param>
internal sealed record FuzzCase(int Seed, string Model, byte[] Bytes, IReadOnlyList<string> Damage)
{
    private const int MostMutations = 3;

    /// <summary>The case of this seed.</summary>
    public static FuzzCase Of(int seed) => Of(seed, _ => true);

    /// <summary>The case of this seed with only some of its mutations, each of which is drawn on its own.</summary>
    public static FuzzCase Of(int seed, Func<int, bool> isDone)
    {
        var random = new Random(Scatter(seed));
        (string model, byte[] bytes) = Corpus.Models[random.Next(Corpus.Models.Count)];
        int count = random.Next(1, MostMutations + 1);
        int[] seeds = [.. Enumerable.Range(0, count).Select(_ => random.Next())];
        var damage = new List<string>();
        for (int i = 0; i < count; i++)
        {
            if (!isDone(i))
                continue;
            var own = new Random(seeds[i]);
            (bytes, string what) = own.Next(20) switch
            {
                < 3 => BlindMutations.Apply(bytes, own),
                < 10 => WireMutations.Apply(bytes, own),
                _ => ModelMutations.Apply(bytes, own),
            };
            damage.Add(what);
        }

        return new FuzzCase(seed, model, bytes, damage);
    }

    /// <summary>Neighbouring seeds of <see cref="Random"/> begin with neighbouring numbers: a thousand of them would hit the same few models.</summary>
    private static int Scatter(int seed)
    {
        uint bits = unchecked((uint)seed * 0x9E3779B9);
        bits = unchecked((bits ^ (bits >> 16)) * 0x85EBCA6B);
        bits = unchecked((bits ^ (bits >> 13)) * 0xC2B2AE35);
        return (int)((bits ^ (bits >> 16)) >> 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seed {Seed}: {Model}, {Bytes.Length} bytes; {string.Join("; ", Damage)}");
}
