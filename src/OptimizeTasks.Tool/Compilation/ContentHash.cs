using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Tool.Compilation;

/// <summary>
/// A hash of what files contain: SHA-256 of 16 MiB parts, which are read and hashed side by side, and SHA-256 of those
/// hashes. With the processor's own instructions for it, that is as fast as the files are read.
/// </summary>
internal static class ContentHash
{
    private const long PartSize = 16 << 20;
    private const int BlockSize = 1 << 20;
    private const int MostThreads = 8;

    /// <summary>The hash of these files, in this order: <c>sha256-tree:</c> and 64 hexadecimal digits.</summary>
    /// <exception cref="IOException">A file cannot be read, or changes meanwhile.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static string Of(IReadOnlyList<string> paths, CancellationToken cancellationToken) => Of(paths.Select(Open), cancellationToken);

    /// <summary>The same of open files, which are closed as they are no longer needed.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{string}, CancellationToken)"/>
    public static string Of(IEnumerable<SafeFileHandle> opened, CancellationToken cancellationToken)
    {
        var files = new List<SafeFileHandle>();
        try
        {
            var parts = new List<Part>();
            using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> number = stackalloc byte[sizeof(long)];
            foreach (SafeFileHandle file in opened)
            {
                files.Add(file);
                long length = RandomAccess.GetLength(file);
                // The lengths say where one file ends and the next begins.
                BinaryPrimitives.WriteInt64LittleEndian(number, length);
                whole.AppendData(number);
                for (long offset = 0; offset < length; offset += PartSize)
                    parts.Add(new Part(file, offset, Math.Min(PartSize, length - offset)));
            }

            foreach (byte[] hash in Hashes(parts, cancellationToken))
                whole.AppendData(hash);
            return "sha256-tree:" + Convert.ToHexString(whole.GetHashAndReset()).ToLowerInvariant();
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    /// <summary>Opens a file to be hashed.</summary>
    public static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    private static byte[][] Hashes(List<Part> parts, CancellationToken cancellationToken)
    {
        var hashes = new byte[parts.Count][];
        try
        {
            var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Math.Min(MostThreads, Environment.ProcessorCount) };
            Parallel.For(0, hashes.Length, options, () => new byte[BlockSize], (i, _, block) =>
            {
                hashes[i] = parts[i].Hash(block, cancellationToken);
                return block;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return hashes;
    }

    private sealed record Part(SafeFileHandle File, long Offset, long Length)
    {
        public byte[] Hash(byte[] block, CancellationToken cancellationToken)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (long done = 0; done < Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = RandomAccess.Read(File, block.AsSpan(0, (int)Math.Min(block.Length, Length - done)), Offset + done);
                if (count == 0)
                    throw new EndOfStreamException("The file became shorter while it was read");
                hash.AppendData(block, 0, count);
                done += count;
            }

            return hash.GetHashAndReset();
        }
    }
}
