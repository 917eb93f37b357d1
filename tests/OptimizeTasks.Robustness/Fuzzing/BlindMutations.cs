namespace OptimizeTasks.Robustness.Fuzzing;

/// <summary>Damage that knows nothing of the format: flipped bits, cuts, splices.</summary>
internal static class BlindMutations
{
    public static (byte[] Bytes, string Description) Apply(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
            return ([(byte)random.Next(256)], "one byte");
        int a = random.Next(bytes.Length), b = random.Next(a, bytes.Length + 1);
        switch (random.Next(6))
        {
            case 0:
                return (bytes[..a], $"cut at {a}");
            case 1:
                return ([.. bytes[..a], .. bytes[b..]], $"without the bytes from {a} to {b}");
            case 2:
                return ([.. bytes[..b], .. bytes[a..]], $"the bytes from {a} to {b} twice");
            case 3:
                int c = random.Next(bytes.Length);
                return ([.. bytes[..c], .. bytes[a..b], .. bytes[c..]], $"the bytes from {a} to {b} also at {c}");
            case 4:
                byte[] changed = [.. bytes];
                random.NextBytes(changed.AsSpan(a, Math.Min(random.Next(1, 9), bytes.Length - a)));
                return (changed, $"random bytes at {a}");
            default:
                byte[] flipped = [.. bytes];
                int count = random.Next(1, 8);
                for (int i = 0; i < count; i++)
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return (flipped, $"{count} bits flipped");
        }
    }
}
