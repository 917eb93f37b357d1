using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Digits;

/// <summary>Reads arrays that NumPy saved with <c>savez</c>: a zip file with one .npy file an array.</summary>
internal static class Npz
{
    /// <summary>The values of one array in row-major order.</summary>
    /// <exception cref="InvalidDataException">There is no such array, or its elements have another type.</exception>
    public static T[] Read<T>(string path, string name) where T : unmanaged
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        ZipArchiveEntry entry = archive.GetEntry(name + ".npy") ?? throw new InvalidDataException($"{path} has no array {name}.");
        using Stream stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        ReadOnlySpan<byte> file = copy.GetBuffer().AsSpan(0, (int)copy.Length);

        // Version 1.0: eight bytes, the header's length, the header as text, the values.
        string type = typeof(T) == typeof(float) ? "'<f4'" : typeof(T) == typeof(long) ? "'<i8'" : throw new NotSupportedException();
        int values = 10 + BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        if (!Encoding.ASCII.GetString(file[10..values]).Contains(type, StringComparison.Ordinal))
            throw new InvalidDataException($"The values of {name} in {path} are not of type {type}.");
        return MemoryMarshal.Cast<byte, T>(file[values..]).ToArray();
    }
}
