using System.IO.Compression;
using System.Text;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Inputs;

namespace OptimizeTasks.Tool.Tests;

public sealed class NpyReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<f4", ElementType.Float, 4)]
    [InlineData("<f2", ElementType.Float16, 2)]
    [InlineData("<f8", ElementType.Double, 8)]
    [InlineData("|i1", ElementType.Int8, 1)]
    [InlineData("<i2", ElementType.Int16, 2)]
    [InlineData("<i4", ElementType.Int32, 4)]
    [InlineData("<i8", ElementType.Int64, 8)]
    [InlineData("|u1", ElementType.UInt8, 1)]
    [InlineData("<u2", ElementType.UInt16, 2)]
    [InlineData("<u4", ElementType.UInt32, 4)]
    [InlineData("<u8", ElementType.UInt64, 8)]
    [InlineData("|b1", ElementType.Bool, 1)]
    public void Elements_of_every_type_keep_their_bytes(string descriptor, ElementType type, int size)
    {
        byte[] elements = [.. Enumerable.Range(0, 6 * size).Select(i => (byte)(i & 1))];

        Tensor tensor = Read(NumpyFile.Of($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': (2, 3), }}", elements));

        Assert.Equal(type, tensor.ElementType);
        Assert.Equal([2, 3], tensor.Dimensions.ToArray());
        Assert.Equal(elements, tensor.Data.ReadAll().ToArray());
    }

    [Theory]
    [InlineData("()", new long[0])]
    [InlineData("(1,)", new long[] { 1 })]
    [InlineData("(1, 1, 1)", new long[] { 1, 1, 1 })]
    public void Shapes_of_every_rank_are_read(string shape, long[] dimensions) =>
        Assert.Equal(dimensions, Read(NumpyFile.Of($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", new byte[4])).Dimensions.ToArray());

    [Fact]
    public void An_empty_array_is_read() =>
        Assert.Equal(0, Read(NumpyFile.Of("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5), }", [])).ElementCount);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_of_the_header_is_read(byte version) =>
        Assert.Equal([7f], Read(NumpyFile.Of("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", NumpyFile.Bytes(7f), version)).Read<float>().ToArray());

    [Fact]
    public void Column_major_arrays_become_row_major()
    {
        // numpy.asfortranarray([[[1, 2], [3, 4], [5, 6]]]): the first index runs fastest.
        Tensor tensor = Read(NumpyFile.Of("{'descr': '<i4', 'fortran_order': True, 'shape': (1, 3, 2), }", NumpyFile.Bytes(1, 3, 5, 2, 4, 6)));

        Assert.Equal([1, 2, 3, 4, 5, 6], tensor.Read<int>().ToArray());
    }

    [Fact]
    public void Big_endian_elements_are_turned() =>
        Assert.Equal([1, 256], Read(NumpyFile.Of("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 0, 1, 0, 0, 1, 0])).Read<int>().ToArray());

    [Fact]
    public void Texts_become_UTF8()
    {
        byte[] elements = [.. Encoding.UTF32.GetBytes("ö\0"), .. Encoding.UTF32.GetBytes("ab")];

        Tensor tensor = Read(NumpyFile.Of("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", elements));

        Assert.Equal(ElementType.String, tensor.ElementType);
        Assert.Equal(["ö", "ab"], Assert.IsType<StringData>(tensor.Data).Values.Select(v => Encoding.UTF8.GetString(v.Span)));
    }

    [Theory]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "no type")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "descr")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "descr")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "fortran_order")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "-1")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904), }", "counted")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999,), }", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (500000000,), }", "instead of")]
    [InlineData("{'descr': '<U99999999', 'fortran_order': False, 'shape': (1,), }", "no type")]
    public void What_is_no_array_is_refused(string header, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(NumpyFile.Of(header, new byte[4]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] npy = NumpyFile.Of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", new byte[24]);
        for (int length = 0; length < npy.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(npy[..length]));
    }

    [Fact]
    public void An_archive_holds_arrays_by_name()
    {
        string path = _folder["inputs.npz"];
        byte[] scalar = NumpyFile.Of("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", NumpyFile.Bytes(2f));
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            NumpyFile.Add(archive, "x.npy", scalar);
            NumpyFile.Add(archive, "encoder/input.1.npy", scalar);
        }

        IReadOnlyDictionary<string, Tensor> tensors = NpzReader.Read(path);

        Assert.Equal(["encoder/input.1", "x"], tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([2f], tensors["x"].Read<float>().ToArray());
    }

    [Theory]
    [InlineData("broken.npz", "not a zip archive", "OPT5009")]
    [InlineData("broken.npy", "not an array", "OPT5009")]
    [InlineData("absent.npz", null, "OPT5006")]
    public void A_bad_file_is_one_diagnostic_that_names_it(string name, string? content, string code)
    {
        if (content is not null)
            File.WriteAllText(_folder[name], content);

        Diagnostic diagnostic = Assert.Throws<CompilationException>(() => NpzReader.Read(_folder[name])).Diagnostic;

        Assert.Equal(code, diagnostic.Code);
        Assert.Equal(_folder[name], diagnostic.File);
    }

    [SharedModelFact]
    public void A_real_archive_is_read()
    {
        IReadOnlyDictionary<string, Tensor> tensors = NpzReader.Read(SharedModels.Path("digits/digits-test.npz"));

        Assert.Equal([500, 1, 8, 8], tensors["image"].Dimensions.ToArray());
        Assert.InRange(tensors["image"].Read<float>().ToArray().Max(), 0.9f, 1f);
        Assert.Equal(500, tensors["label"].ElementCount);
    }

    private static Tensor Read(byte[] npy)
    {
        using var stream = new MemoryStream(npy);
        return NpyReader.Read(stream);
    }
}
