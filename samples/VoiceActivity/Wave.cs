using System.Buffers.Binary;

namespace VoiceActivity;

/// <summary>Reads WAV files with 16-bit samples of one channel.</summary>
internal static class Wave
{
    /// <summary>The samples in -1 to 1.</summary>
    /// <exception cref="InvalidDataException">The file is no such WAV file, or has another sample rate.</exception>
    public static float[] Read(string path, int sampleRate)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        if (rest.Length < 12 || !rest.StartsWith("RIFF"u8) || !rest[8..].StartsWith("WAVE"u8))
            throw new InvalidDataException($"{path} is not a WAV file.");

        bool known = false;
        rest = rest[12..];
        while (rest.Length >= 8)
        {
            ReadOnlySpan<byte> name = rest[..4];
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), (uint)rest.Length - 8);
            ReadOnlySpan<byte> chunk = rest.Slice(8, length);
            if (name.SequenceEqual("fmt "u8))
                known = IsMono16(chunk, sampleRate);
            else if (name.SequenceEqual("data"u8) && known)
                return Samples(chunk);
            rest = rest[Math.Min(8 + length + length % 2, rest.Length)..];
        }

        throw new InvalidDataException($"{path} does not hold 16-bit samples of one channel at {sampleRate} Hz.");
    }

    private static bool IsMono16(ReadOnlySpan<byte> format, int sampleRate) =>
        format.Length >= 16
        && BinaryPrimitives.ReadInt16LittleEndian(format) == 1
        && BinaryPrimitives.ReadInt16LittleEndian(format[2..]) == 1
        && BinaryPrimitives.ReadInt32LittleEndian(format[4..]) == sampleRate
        && BinaryPrimitives.ReadInt16LittleEndian(format[14..]) == 16;

    private static float[] Samples(ReadOnlySpan<byte> data)
    {
        var samples = new float[data.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]) / 32768f;
        return samples;
    }
}
