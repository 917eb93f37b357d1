using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// Tells whether files are the same as before, as fast as they can be read. The words of the files go in turn into eight
/// lanes, and SHA-256 of the lanes and the lengths is the result: another word gives another checksum for certain, other
/// words do but for one case in 2^64. Whoever wants to can make files that have equal checksums, so nothing may be taken in
/// a file's place because of one: that is what <see cref="ContentHash"/> is for.
/// </summary>
internal static class Checksum
{
    private const int Lanes = 8;
    private const int RowSize = Lanes * sizeof(ulong);
    // What the second cache level holds.
    private const int BlockSize = 128 << 10;

    // Odd, so that multiplying loses nothing; otherwise their bits only have to be mixed.
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;
    private const ulong Increment = 0xD1B5_4A32_D192_ED03;
    private const int Rotation = 29;

    /// <summary>The checksum of these files, in this order: <c>sum:</c> and 64 hexadecimal digits.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static string Of(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        // The last word is the length.
        Span<ulong> words = stackalloc ulong[Lanes + 1];
        words.Clear();
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        foreach (string path in paths)
        {
            words[Lanes] = (ulong)Add(path, block, words[..Lanes], cancellationToken);
            whole.AppendData(MemoryMarshal.AsBytes(words));
        }

        return "sum:" + Convert.ToHexString(whole.GetHashAndReset()).ToLowerInvariant();
    }

    /// <returns>The length of the file.</returns>
    private static long Add(string path, byte[] block, Span<ulong> lanes, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        long length = 0;
        for (int count = block.Length; count == block.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count = Fill(file, length, block);
            length += count;
            // Zeros fill the last row; the length tells them from those of a file.
            int end = (count + RowSize - 1) / RowSize * RowSize;
            block.AsSpan(count, end - count).Clear();
            Add(MemoryMarshal.Cast<byte, ulong>(block.AsSpan(0, end)), lanes);
        }

        return length;
    }

    private static int Fill(SafeFileHandle file, long offset, Span<byte> block)
    {
        int filled = 0;
        for (int count = -1; count != 0 && filled < block.Length; filled += count)
            count = RandomAccess.Read(file, block[filled..], offset + filled);
        return filled;
    }

    /// <summary>Eight sums at a time: the processor works on them side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<ulong> words, Span<ulong> lanes)
    {
        ulong a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3], e = lanes[4], f = lanes[5], g = lanes[6], h = lanes[7];
        for (; words.Length >= Lanes; words = words[Lanes..])
        {
            a = Mix(a, words[0]);
            b = Mix(b, words[1]);
            c = Mix(c, words[2]);
            d = Mix(d, words[3]);
            e = Mix(e, words[4]);
            f = Mix(f, words[5]);
            g = Mix(g, words[6]);
            h = Mix(h, words[7]);
        }

        (lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6], lanes[7]) = (a, b, c, d, e, f, g, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong lane, ulong word) => BitOperations.RotateLeft((lane ^ word) + Increment, Rotation) * Factor;
}
