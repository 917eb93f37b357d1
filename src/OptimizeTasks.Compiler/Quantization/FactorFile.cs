using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// A temporary file for what weights need when they are written and memory would not hold for all of them. It is gone when
/// nobody refers to it any more, or the process ends, however it ends.
/// </summary>
internal sealed class FactorFile : IDisposable
{
    /// <summary>Numbers that are written at once: a span has no more bytes than an integer counts.</summary>
    private const int Part = 1 << 24;

    private readonly SafeFileHandle _handle;

    public FactorFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"OptimizeTasks-feedback-{Guid.NewGuid():N}");
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
        // Elsewhere an open file needs no name.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
    }

    /// <summary>Bytes that are taken.</summary>
    public long Length { get; private set; }

    /// <summary>Takes room for so many numbers.</summary>
    /// <returns>Where it begins.</returns>
    public long Reserve(long count)
    {
        long start = Length;
        Length += count * sizeof(float);
        return start;
    }

    /// <summary>Writes numbers.</summary>
    public void Write(long position, ReadOnlySpan<float> numbers)
    {
        for (; numbers.Length > 0; position += Part * sizeof(float))
        {
            int count = Math.Min(Part, numbers.Length);
            RandomAccess.Write(_handle, MemoryMarshal.AsBytes(numbers[..count]), position);
            numbers = numbers[count..];
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Reads numbers.</summary>
    public void Read(long position, Span<float> numbers)
    {
        while (numbers.Length > 0)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(numbers[..Math.Min(Part, numbers.Length)]);
            numbers = numbers[(bytes.Length / sizeof(float))..];
            while (bytes.Length > 0)
            {
                int count = RandomAccess.Read(_handle, bytes, position);
                if (count == 0)
                    throw new EndOfStreamException();
                bytes = bytes[count..];
                position += count;
            }
        }
    }
}
