using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using OptimizeTasks.Tool.Samples;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Tool.Tests;

public sealed class FileSamplesTests : IDisposable
{
    private static readonly Signature s_image = Signature(("x", ElementType.Float, "batch,2"));
    private static readonly Signature s_text = Signature(("input_ids", ElementType.Int64, "batch,sequence"), ("attention_mask", ElementType.Int64, "batch,sequence"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("batch,2", new long[] { 3, 2 }, 3, new long[] { 1, 2 })]
    [InlineData("1,2", new long[] { 3, 2 }, 3, new long[] { 1, 2 })]
    [InlineData("3,2", new long[] { 3, 2 }, 1, new long[] { 3, 2 })]
    [InlineData("3,2", new long[] { 6, 2 }, 2, new long[] { 3, 2 })]
    [InlineData("batch,2", new long[] { 3, 1, 2 }, 3, new long[] { 1, 2 })]
    [InlineData("batch,2", new long[] { 2, 4, 2 }, 2, new long[] { 4, 2 })]
    [InlineData("n", new long[] { 3, 4 }, 3, new long[] { 4 })]
    [InlineData("", new long[] { 3 }, 3, new long[] { })]
    [InlineData("", new long[] { }, 1, new long[] { })]
    public void An_array_holds_samples_in_slices_or_rows(string dimensions, long[] shape, int count, long[] sampleShape)
    {
        float[] numbers = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (p, s) => p * s)).Select(i => (float)i)];
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", shape, numbers)));

        Sample[] samples = Read(Signature(("x", ElementType.Float, dimensions)));

        Assert.Equal(count, samples.Length);
        Assert.All(samples, s => Assert.Equal(sampleShape, s.Inputs["x"].Dimensions.ToArray()));
        Assert.Equal(numbers, samples.SelectMany(s => s.Inputs["x"].Read<float>().ToArray()));
    }

    [Theory]
    [InlineData("<f4", new long[] { 3, 3 }, "holds no samples for the input 'x', which is float[batch,2]")]
    [InlineData("<f4", new long[] { 2 }, "holds no samples")]
    [InlineData("<f4", new long[] { 1, 1, 1, 2 }, "holds no samples")]
    [InlineData("<f4", new long[] { 0, 2 }, "empty")]
    [InlineData("<f8", new long[] { 1, 1 }, "is Double")]
    [InlineData("<i4", new long[] { 1, 2 }, "is Int32")]
    public void An_array_that_does_not_fit_is_one_diagnostic(string descriptor, long[] shape, string reason)
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of(descriptor, shape, new float[shape.Aggregate(1L, (p, s) => p * s)])));

        Refuse(s_image, "OPT5009", reason);
    }

    [Fact]
    public void A_fixed_batch_must_divide_the_rows()
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [4, 2], new float[8])));

        Refuse(Signature(("x", ElementType.Float, "3,2")), "OPT5009", "has 4 rows, and the model takes 3 at a time");
    }

    [Fact]
    public void Arrays_side_by_side_are_read_by_turns()
    {
        long[] ids = [.. Enumerable.Range(0, 300_000).Select(i => (long)i)], mask = [.. ids.Select(i => i % 2)];
        NumpyFile.WriteArchive(_folder["x.npz"], ("input_ids", NumpyFile.Of("<i8", [3000, 100], ids)), ("attention_mask", NumpyFile.Of("<i8", [3000, 100], mask)), ("label", NumpyFile.Of("|u1", [3000], [.. Enumerable.Range(0, 3000).Select(i => (byte)(i % 7))])));

        Sample[] samples = Read(s_text, "label");

        Assert.Equal(ids, samples.SelectMany(s => s.Inputs["input_ids"].Read<long>().ToArray()));
        Assert.Equal(mask, samples.SelectMany(s => s.Inputs["attention_mask"].Read<long>().ToArray()));
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (long)(i % 7)), samples.SelectMany(s => s.Label!.Read<long>().ToArray()));
        Assert.All(samples, s => Assert.Equal([1], s.Label!.Dimensions.ToArray()));
    }

    [Fact]
    public void A_scalar_holds_for_all_samples()
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [2, 2], [1f, 2, 3, 4])), ("rate", NumpyFile.Of("<i8", [], [16000L])));

        Sample[] samples = Read(Signature(("x", ElementType.Float, "batch,2"), ("rate", ElementType.Int64, "")));

        Assert.Equal([16000, 16000], samples.Select(s => s.Inputs["rate"].Read<long>()[0]));
    }

    [Fact]
    public void One_array_and_one_input_need_no_common_name()
    {
        File.WriteAllBytes(_folder["picture.npy"], NumpyFile.Of("<f4", [2, 2], [1f, 2, 3, 4]));
        NumpyFile.WriteArchive(_folder["z.npz"], ("data", NumpyFile.Of("<f4", [1, 2], [5f, 6])));

        Assert.Equal([1, 2, 3, 4, 5, 6], Read(s_image).SelectMany(s => s.Inputs["x"].Read<float>().ToArray()));
    }

    [Fact]
    public void Column_major_arrays_are_parted_too()
    {
        File.WriteAllBytes(_folder["x.npy"], NumpyFile.Of("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 2), }", [.. NumpyFile.Bytes(1f, 3, 2, 4).Chunk(4).SelectMany(b => b.Reverse())]));

        Assert.Equal([1, 2, 3, 4], Read(s_image).SelectMany(s => s.Inputs["x"].Read<float>().ToArray()));
    }

    [Fact]
    public void Other_numbers_of_samples_are_refused()
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("input_ids", NumpyFile.Of("<i8", [3, 2], new long[6])), ("attention_mask", NumpyFile.Of("<i8", [2, 2], new long[4])));

        Refuse(s_text, "OPT5009", "holds 3 samples, the one for 'attention_mask' 2");
    }

    [Fact]
    public void A_missing_array_is_named_with_those_that_are_there()
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("ids", NumpyFile.Of("<i8", [3, 2], new long[6])), ("mask", NumpyFile.Of("<i8", [3, 2], new long[6])));

        Refuse(s_text, "OPT5009", "'input_ids' for an input (there are ids, mask)");
    }

    [Theory]
    [InlineData(float.NaN, true)]
    [InlineData(float.NegativeInfinity, false)]
    public void NaN_is_refused_where_it_is_read(float number, bool isRefused)
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [2, 2], [1, 2, 3, number])));
        FileSamples samples = Open(s_image);

        if (isRefused)
            Assert.Contains("NaN in 'x'", Assert.Throws<CompilationException>(() => samples.Read(default).Count()).Diagnostic.Message, StringComparison.Ordinal);
        else
            Assert.Equal(2, samples.Read(default).Count());
    }

    [Theory]
    [InlineData("<f4", new long[] { 2 }, "labels are integers")]
    [InlineData("<i4", new long[] { 3 }, "no label for each of 2 samples")]
    [InlineData("<i4", new long[] { }, "no label for each of 2 samples")]
    public void Labels_that_do_not_fit_are_refused(string descriptor, long[] shape, string reason)
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [2, 2], new float[4])), ("y", NumpyFile.Of(descriptor, shape, new int[shape.Aggregate(1L, (p, s) => p * s)])));

        Refuse(s_image, "OPT5009", reason, "y");
    }

    [Fact]
    public void Every_truncated_archive_is_one_diagnostic()
    {
        NumpyFile.WriteArchive(_folder["whole"], ("x", NumpyFile.Of("<f4", [20, 2], new float[40])));
        byte[] whole = File.ReadAllBytes(_folder["whole"]);
        for (int length = 0; length < whole.Length; length += 3)
        {
            File.WriteAllBytes(_folder["x.npz"], whole[..length]);
            Refuse(s_image, "OPT5009", "");
        }
    }

    [Fact]
    public void An_array_that_is_cut_off_is_one_diagnostic()
    {
        byte[] array = NumpyFile.Of("<f4", [20, 2], new float[40]);
        File.WriteAllBytes(_folder["x.npy"], array[..^5]);

        Refuse(s_image, "OPT5009", "instead of");
    }

    [Fact]
    public void Lines_of_JSON_are_samples_of_their_own_lengths()
    {
        File.WriteAllText(_folder["x.jsonl"], """
            {"input_ids": [[1, 2, 3]], "attention_mask": [1, 1, 1], "label": 4, "text": {"not": ["looked", "at"]}}

            {"label": [2], "attention_mask": [[1, 0]], "input_ids": [7, 9223372036854775807]}
            """);

        Sample[] samples = Read(s_text, "label");

        Assert.Equal("[1, 3];[1, 2]", string.Join(';', samples.Select(s => s.Inputs["input_ids"].Shape)));
        Assert.Equal([1, 2, 3, 7, long.MaxValue], samples.SelectMany(s => s.Inputs["input_ids"].Read<long>().ToArray()));
        Assert.Equal([1, 1, 1, 1, 0], samples.SelectMany(s => s.Inputs["attention_mask"].Read<long>().ToArray()));
        Assert.Equal([4, 2], samples.Select(s => s.Label!.Read<long>()[0]));
    }

    [Fact]
    public void Numbers_in_JSON_become_the_inputs_type()
    {
        Signature signature = Signature(("f", ElementType.Float, "n"), ("d", ElementType.Double, ""), ("h", ElementType.Float16, "2"), ("b", ElementType.Bool, "n"), ("u", ElementType.UInt8, "n"), ("s", ElementType.String, "n"));
        File.WriteAllText(_folder["x.json"], """{"f": [1, -2.5e1], "d": 0.1, "h": [1.5, 2], "b": [true, 0], "u": [255], "s": ["ö", ""]}""");

        IReadOnlyDictionary<string, Tensor> inputs = Read(signature).Single().Inputs;

        Assert.Equal([1, -25], inputs["f"].Read<float>().ToArray());
        Assert.Equal(0.1, inputs["d"].Read<double>()[0]);
        Assert.Equal([(Half)1.5, (Half)2], inputs["h"].Read<Half>().ToArray());
        Assert.Equal([true, false], inputs["b"].Read<bool>().ToArray());
        Assert.Equal([255], inputs["u"].Read<byte>().ToArray());
        Assert.Equal(2, ((StringData)inputs["s"].Data).Values.Count);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n \n", "empty")]
    [InlineData("[1, 2]", "no object")]
    [InlineData("{\"x\": [1, 2]", "Line 1: ")]
    [InlineData("{\"x\": [1, 2]} 3", "Line 1: ")]
    [InlineData("{\"y\": [1, 2]}", "nothing for the input 'x', which is float[batch,2]")]
    [InlineData("{\"x\": [1, 2], \"x\": [1, 2]}", "twice")]
    [InlineData("{\"x\": [1, 2, 3]}", "The shape [3] does not fit")]
    [InlineData("{\"x\": [[1, 2], [3]]}", "have 2 and 1 elements")]
    [InlineData("{\"x\": [1, [2]]}", "side by side")]
    [InlineData("{\"x\": [[1], 2]}", "side by side")]
    [InlineData("{\"x\": [1, \"a\"]}", "'a' is no Float")]
    [InlineData("{\"x\": [1, null]}", "Null where a Float should be")]
    [InlineData("{\"x\": [1, NaN]}", "Line 1: ")]
    [InlineData("{\"\\ud800\": [1, 2]}", "Line 1: ")]
    [InlineData("{\"x\": [1, 1e999]}", "'1e999' is no Float")]
    [InlineData("{\"x\": {}}", "StartObject where a Float should be")]
    public void Bad_JSON_is_one_diagnostic(string text, string reason)
    {
        File.WriteAllText(_folder["x.jsonl"], text);

        Refuse(s_image, "OPT5009", reason);
    }

    [Fact]
    public void A_later_line_that_is_wrong_is_named_by_its_number()
    {
        File.WriteAllText(_folder["x.jsonl"], "{\"x\": [1, 2]}\r\n\r\n{\"x\": [1]}\r\n");

        Refuse(s_image, "OPT5009", "Line 3: ");
    }

    [Fact]
    public void A_line_that_fills_the_memory_is_refused()
    {
        using (FileStream file = File.Create(_folder["x.jsonl"]))
            file.SetLength(JsonLines.LongestLine + 2L);

        Refuse(s_image, "OPT5009", "longer than 64 MB");
    }

    [Fact]
    public void Arrays_nested_without_end_are_refused()
    {
        File.WriteAllText(_folder["x.jsonl"], "{\"x\": " + new string('[', 100_000));

        Refuse(s_image, "OPT5009", "depth");
    }

    [Fact]
    public void A_folder_is_read_by_name_and_a_pattern_selects()
    {
        foreach ((string name, float number) in new[] { ("b.npz", 2f), ("a.npz", 1f), ("c.npz", 3f) })
            NumpyFile.WriteArchive(_folder[name], ("x", NumpyFile.Of("<f4", [1, 2], [number, 0])));
        File.WriteAllText(_folder["readme.txt"], "no samples");

        Assert.Equal([1, 2, 3], Numbers(_folder.Path));
        Assert.Equal([3, 1, 2], Numbers(_folder["c.npz"], _folder["?.npz"]));
        Assert.Equal([1], Numbers(_folder["a*"]));

        float[] Numbers(params string[] entries) => [.. SampleFiles.Find(entries)!.Open(s_image, null, null, default).Read(default).Select(s => s.Inputs["x"].Read<float>()[0])];
    }

    [Theory]
    [InlineData("")]
    [InlineData("absent.npz")]
    [InlineData("*.npz")]
    [InlineData("absent/*.npz")]
    public void Nothing_at_all_is_one_diagnostic(string entry)
    {
        File.WriteAllText(_folder["readme.txt"], "no samples");

        Diagnostic diagnostic = Assert.Throws<CompilationException>(() => SampleFiles.Find([Path.Combine(_folder.Path, entry)])).Diagnostic;

        Assert.Equal("OPT5011", diagnostic.Code);
    }

    [Fact]
    public void The_hash_is_that_of_the_content()
    {
        NumpyFile.WriteArchive(_folder["x.npz"], ("x", NumpyFile.Of("<f4", [1, 2], [1f, 0])));
        string first = SampleFiles.Find([_folder.Path])!.Hash(default);
        File.Move(_folder["x.npz"], _folder["y.npz"]);
        string moved = SampleFiles.Find([_folder.Path])!.Hash(default);
        NumpyFile.WriteArchive(_folder["z.npz"], ("x", NumpyFile.Of("<f4", [1, 2], [1f, 0])));

        Assert.Equal(first, moved);
        Assert.NotEqual(first, SampleFiles.Find([_folder.Path])!.Hash(default));
    }

    [SharedModelFact]
    public void Real_data_of_a_real_model_are_read()
    {
        using Model model = ModelReader.Read(SharedModels.Path("digits/digits-cnn.onnx"));
        Signature signature = ModelSignature.Of(model, new CompilerOptions());

        ISampleSource samples = SampleFiles.Find([SharedModels.Path("digits/digits-test.npz")])!.Open(signature, "label", null, default);

        Assert.Equal("digits-test.npz, 500 samples", samples.Description);
        Assert.False(samples.IsSynthetic);
        int count = 0;
        foreach (Sample sample in samples.Read(default))
        {
            count++;
            Assert.Equal([1, 1, 8, 8], sample.Inputs["image"].Dimensions.ToArray());
            Assert.InRange(sample.Label!.Read<long>()[0], 0, 9);
        }

        Assert.Equal(500, count);
    }

    private static Signature Signature(params (string Name, ElementType Type, string Dimensions)[] inputs)
    {
        var graph = new Graph("g");
        foreach ((string name, ElementType type, string dimensions) in inputs)
        {
            graph.AddInput(name, new TensorType(type, new Shape([.. dimensions.Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(d => long.TryParse(d, out long size) ? Dimension.Of(size) : Dimension.OfSymbol(d))])));
        }

        using var model = new Model(graph);
        return ModelSignature.Of(model, new CompilerOptions());
    }

    private FileSamples Open(Signature signature, string? label = null) =>
        (FileSamples)SampleFiles.Find([_folder.Path])!.Open(signature, label, null, default);

    private Sample[] Read(Signature signature, string? label = null) => [.. Open(signature, label).Read(default)];

    private void Refuse(Signature signature, string code, string reason, string? label = null)
    {
        Diagnostic diagnostic = Assert.Throws<CompilationException>(() => Read(signature, label)).Diagnostic;

        Assert.Equal(code, diagnostic.Code);
        Assert.Contains(reason, diagnostic.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder.Path, diagnostic.File, StringComparison.Ordinal);
    }
}
