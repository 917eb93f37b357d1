namespace OptimizeTasks.Tool.Samples;

/// <summary>The lines of a file that are not blank, one in memory at a time.</summary>
internal static class JsonLines
{
    /// <summary>More is no line but another format, or made to fill the memory.</summary>
    public const int LongestLine = 64 << 20;

    /// <summary>The lines with their numbers, from 1 on. The bytes hold until the next line is asked for.</summary>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    public static IEnumerable<(long Number, ReadOnlyMemory<byte> Line)> Read(Stream stream)
    {
        var buffer = new byte[1 << 16];
        int start = 0, end = 0;
        long number = 1;
        while (true)
        {
            int length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                if (!IsBlank(buffer.AsSpan(start, length)))
                    yield return (number, buffer.AsMemory(start, length));
                start += length + 1;
                number++;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end > LongestLine)
                throw new InvalidDataException($"Line {number} is longer than {LongestLine >> 20} MB");
            if (end == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
            int count = stream.Read(buffer, end, buffer.Length - end);
            if (count == 0)
                break;
            end += count;
        }

        if (!IsBlank(buffer.AsSpan(0, end)))
            yield return (number, buffer.AsMemory(0, end));
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => !line.ContainsAnyExcept(" \t\r"u8);
}
