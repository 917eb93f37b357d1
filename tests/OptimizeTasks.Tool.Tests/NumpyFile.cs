using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace OptimizeTasks.Tool.Tests;

/// <summary>Arrays as NumPy writes them.</summary>
internal static class NumpyFile
{
    /// <summary>An array as NumPy writes it: the header is padded so that the elements begin at a multiple of 64.</summary>
    public static byte[] Of(string header, byte[] elements, byte version = 1)
    {
        int start = version == 1 ? 10 : 12;
        int length = ((start + header.Length + 1 + 63) / 64 * 64) - start;
        var count = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(count, (ushort)length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(count, (uint)length);
        return [0x93, .. "NUMPY"u8, version, 0, .. count, .. Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"), .. elements];
    }

    /// <summary>An array in row-major order.</summary>
    public static byte[] Of<T>(string descriptor, long[] shape, params T[] values)
        where T : unmanaged => Of($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({string.Concat(shape.Select(s => s + ","))}), }}", Bytes(values));

    /// <summary>Writes an archive of arrays.</summary>
    public static void WriteArchive(string path, params (string Name, byte[] Array)[] arrays)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] array) in arrays)
            Add(archive, name + ".npy", array);
    }

    /// <summary>The bytes of these values.</summary>
    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>Adds a file to an archive.</summary>
    public static void Add(ZipArchive archive, string name, byte[] content)
    {
        using Stream stream = archive.CreateEntry(name).Open();
        stream.Write(content);
    }
}
