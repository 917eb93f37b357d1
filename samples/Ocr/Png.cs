using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Ocr;

/// <summary>Reads PNG files with 8 bits a channel, grey or colour, with or without transparency, not interlaced (ISO/IEC 15948).</summary>
internal static class Png
{
    private const int MaximumPixels = 100_000_000;

    /// <exception cref="InvalidDataException">The file is not such a PNG.</exception>
    public static Picture Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        if (!reader.ReadBytes(8).AsSpan().SequenceEqual<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]))
            throw new InvalidDataException($"{path} is not a PNG file.");

        try
        {
            return Read(reader);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{path} ends too early.");
        }
    }

    private static Picture Read(BinaryReader reader)
    {
        byte[] header = [];
        using var compressed = new MemoryStream();
        while (ReadChunk(reader) is var (type, data) && type != "IEND")
        {
            if (type == "IHDR")
                header = data;
            else if (type == "IDAT")
                compressed.Write(data);
        }

        if (header is not [.. { Length: 8 }, 8, 0 or 2 or 4 or 6, 0, 0, 0])
            throw new InvalidDataException("Only PNG files with 8 bits a channel, not interlaced and without a palette, can be read.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
        if (width == 0 || height == 0 || (ulong)width * height > MaximumPixels)
            throw new InvalidDataException($"A picture of {width} × {height} pixels cannot be read.");

        int channels = header[9] switch { 0 => 1, 4 => 2, 2 => 3, _ => 4 };
        compressed.Position = 0;
        using var rows = new ZLibStream(compressed, CompressionMode.Decompress);
        return new Picture((int)width, (int)height, ReadPixels(rows, (int)width, (int)height, channels));
    }

    private static (string Type, byte[] Data) ReadChunk(BinaryReader reader)
    {
        int length = BinaryPrimitives.ReverseEndianness(reader.ReadInt32());
        string type = Encoding.ASCII.GetString(reader.ReadBytes(4));
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new EndOfStreamException();
        byte[] data = reader.ReadBytes(length);
        reader.ReadUInt32(); // checksum
        return (type, data);
    }

    private static byte[] ReadPixels(ZLibStream rows, int width, int height, int channels)
    {
        var pixels = new byte[3 * width * height];
        byte[] row = new byte[width * channels], above = new byte[width * channels];
        for (int y = 0; y < height; y++)
        {
            int filter = rows.ReadByte();
            rows.ReadExactly(row);
            Unfilter(filter, row, above, channels);
            for (int x = 0; x < width; x++)
                ToRgb(row.AsSpan(x * channels, channels), pixels.AsSpan(3 * (y * width + x), 3));
            (row, above) = (above, row);
        }

        return pixels;
    }

    /// <summary>A pixel on white ground.</summary>
    private static void ToRgb(ReadOnlySpan<byte> pixel, Span<byte> rgb)
    {
        int alpha = pixel.Length % 2 == 0 ? pixel[^1] : 255;
        for (int i = 0; i < 3; i++)
            rgb[i] = (byte)((pixel[pixel.Length < 3 ? 0 : i] * alpha + 255 * (255 - alpha)) / 255);
    }

    private static void Unfilter(int filter, byte[] row, byte[] above, int channels)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < channels ? 0 : row[i - channels], up = above[i], corner = i < channels ? 0 : above[i - channels];
            row[i] += filter switch
            {
                0 => 0,
                1 => (byte)left,
                2 => (byte)up,
                3 => (byte)((left + up) / 2),
                4 => (byte)Paeth(left, up, corner),
                _ => throw new InvalidDataException($"There is no PNG filter {filter}."),
            };
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
