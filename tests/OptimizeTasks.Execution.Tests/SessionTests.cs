using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Execution.Tests;

/// <summary>What a model computes, in this process and in a worker.</summary>
public sealed class SessionTests(SessionTests.Runners runners) : IClassFixture<SessionTests.Runners>
{
    public static TheoryData<bool> Isolated => [false, true];

    [SharedModelTheory]
    [MemberData(nameof(Isolated))]
    public void A_real_model_recognises_digits(bool isolated)
    {
        using IModelSession session = runners[isolated].Load(
            SharedModels.Path("digits/digits-cnn.onnx"), new SessionSettings { Optimization = LoadOptimization.All, Threads = 1 }, RunLimits.Default, CancellationToken.None);
        float[] images = ReadArray<float>("image.npy");
        long[] labels = ReadArray<long>("label.npy");

        Tensor logits = session.Run(
            new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(ElementType.Float, [labels.Length, 1, 8, 8], images) },
            ["logits"], RunLimits.Default, CancellationToken.None)["logits"];

        Assert.Equal("Float[500, 10]", logits.ToString());
        float[] scores = logits.Read<float>().ToArray();
        int right = labels.Index().Count(l => scores.AsSpan(l.Index * 10, 10).IndexOf(scores.Skip(l.Index * 10).Take(10).Max()) == l.Item);
        Assert.Equal(494, right);
    }

    [SharedModelFact]
    public void Every_level_of_optimisation_computes_the_same()
    {
        var inputs = new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(ElementType.Float, [500, 1, 8, 8], ReadArray<float>("image.npy")) };
        float[][] scores =
        [
            .. Enum.GetValues<LoadOptimization>().Select(level =>
            {
                using IModelSession session = runners[true].Load(
                    SharedModels.Path("digits/digits-cnn.onnx"), new SessionSettings { Optimization = level, Threads = 1 }, RunLimits.Default, CancellationToken.None);
                return session.Run(inputs, ["logits"], RunLimits.Default, CancellationToken.None)["logits"].Read<float>().ToArray();
            }),
        ];

        Assert.Equal(5, scores.Length);
        // Other kernels round differently: that the levels are really set shows in the last digits.
        Assert.All(scores, s => Assert.True(s.Zip(scores[0]).All(p => Math.Abs(p.First - p.Second) < 1e-3)));
        Assert.NotEqual(scores[(int)LoadOptimization.None], scores[(int)LoadOptimization.All]);
    }

    [Fact]
    public void A_session_takes_entries_of_the_runtimes_configuration_and_refuses_missing_libraries()
    {
        using var folder = new TemporaryFolder();
        ModelWriter.Write(Models.Of("Neg", ElementType.Float), folder["neg.onnx"]);
        SessionSettings settings = SessionSettings.Unoptimized;
        void Load(SessionSettings s) => runners[true].Load(folder["neg.onnx"], s, RunLimits.Default, CancellationToken.None).Dispose();

        Load(settings);
        // The file is in ONNX's format and not in the runtime's own.
        ModelRunException format = Assert.Throws<ModelRunException>(
            () => Load(settings with { Configuration = settings.Configuration.Add("session.load_model_format", "ORT") }));
        ModelRunException e = Assert.Throws<ModelRunException>(() => Load(settings with { CustomOpLibraries = ["/no/such/library.so"] }));

        Assert.Equal(ModelRunFault.Load, format.Fault);
        Assert.Equal(ModelRunFault.Load, e.Fault);
        Assert.Contains("/no/such/library.so", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Every_element_type_goes_in_and_comes_out(bool isolated)
    {
        foreach (ElementType type in new[]
        {
            ElementType.Float, ElementType.Double, ElementType.Float16, ElementType.BFloat16, ElementType.Bool, ElementType.Int8, ElementType.Int16,
            ElementType.Int32, ElementType.Int64, ElementType.UInt8, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64,
        })
        {
            byte[] bytes = new byte[6 * type.BitWidth() / 8];
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(type == ElementType.Bool ? i % 2 : i + 1);
            var tensor = new Tensor(type, [2, 3], new MemoryData(bytes));

            Tensor back = Run(isolated, Models.Of("Identity", type), tensor);

            Assert.Equal($"{type}[2, 3]", back.ToString());
            Assert.Equal(bytes, back.Data.ReadAll().ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Texts_go_in_and_come_out_as_they_are(bool isolated)
    {
        string[] texts = ["", "Zürich", "two\nlines", "日本"];
        var tensor = new Tensor(ElementType.String, [4], new StringData([.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))]));

        Tensor back = Run(isolated, Models.Of("Identity", ElementType.String), tensor);

        Assert.Equal(texts, ((StringData)back.Data).Values.Select(v => Encoding.UTF8.GetString(v.Span)));
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Empty_tensors_and_scalars_have_their_shapes(bool isolated)
    {
        Assert.Equal("Float[0, 3]", Run(isolated, Models.Of("Neg", ElementType.Float), Tensor.Create<float>(ElementType.Float, [0, 3], [])).ToString());
        Tensor scalar = Run(isolated, Models.Of("Neg", ElementType.Float), Tensor.OfFloat(2));
        Assert.Equal("Float[]", scalar.ToString());
        Assert.Equal(-2, scalar.Read<float>()[0]);
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void A_tensor_of_many_megabytes_arrives_whole(bool isolated)
    {
        var numbers = new float[3_000_001];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = i;

        Tensor back = Run(isolated, Models.Of("Neg", ElementType.Float), Tensor.Create<float>(ElementType.Float, [numbers.Length], numbers));

        Assert.Equal(-3_000_000, back.Read<float>()[^1]);
        Assert.Equal(numbers.Length, back.ElementCount);
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Types_that_the_engine_does_not_run_are_a_fault(bool isolated)
    {
        var tensor = new Tensor(ElementType.Int2, [4], new MemoryData(new byte[1]));

        ModelRunException e = Assert.Throws<ModelRunException>(() => Run(isolated, Models.Of("Neg", ElementType.Float), tensor));

        Assert.Equal(ModelRunFault.Run, e.Fault);
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Refusals_carry_the_words_of_the_engine(bool isolated)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.onnx"], "no model");
        ModelRunException noModel = Assert.Throws<ModelRunException>(
            () => runners[isolated].Load(folder["text.onnx"], SessionSettings.Unoptimized, RunLimits.Default, CancellationToken.None));
        ModelRunException unknown = Assert.Throws<ModelRunException>(() => Run(isolated, Models.Of("NoSuchOperator", ElementType.Float), Tensor.OfFloat(1)));
        ModelRunException shapes = Assert.Throws<ModelRunException>(
            () => Run(isolated, Models.Of("Add", ElementType.Float, inputs: 2), Tensor.Create<float>(ElementType.Float, [2], [1, 2]), Tensor.Create<float>(ElementType.Float, [3], [1, 2, 3])));
        ModelRunException type = Assert.Throws<ModelRunException>(() => Run(isolated, Models.Of("Neg", ElementType.Float), Tensor.OfInt64(1)));

        Assert.Equal(ModelRunFault.Load, noModel.Fault);
        Assert.Equal(ModelRunFault.Load, unknown.Fault);
        Assert.Contains("NoSuchOperator", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(ModelRunFault.Run, shapes.Fault);
        Assert.Equal(ModelRunFault.Run, type.Fault);
        Assert.Contains("float", type.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Isolated))]
    public void Outputs_beyond_the_byte_limit_are_refused(bool isolated)
    {
        var limits = new RunLimits(TimeSpan.FromMinutes(1), 16);
        Model model = Models.Of("Neg", ElementType.Float);

        Tensor fits = runners[isolated].Run(model, Models.Inputs(Floats(4)), limits, CancellationToken.None)["y"];
        ModelRunException e = Assert.Throws<ModelRunException>(() => runners[isolated].Run(model, Models.Inputs(Floats(5)), limits, CancellationToken.None));

        Assert.Equal(4, fits.ElementCount);
        Assert.Equal(ModelRunFault.ByteLimit, e.Fault);
    }

    [Fact]
    public void In_this_process_too_a_loop_ends_at_the_time_limit()
    {
        ModelRunException e = Assert.Throws<ModelRunException>(
            () => runners[false].Run(Models.Endless(), Models.Inputs(Tensor.OfFloat(0)), new RunLimits(TimeSpan.FromSeconds(0.3), 100), CancellationToken.None));

        Assert.Equal(ModelRunFault.TimeLimit, e.Fault);
    }

    [Fact]
    public void Temporary_files_are_gone_after_a_run()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "OptimizeTasks-run-*");
        Run(false, Models.Of("Neg", ElementType.Float), Tensor.OfFloat(1));
        Assert.Throws<ModelRunException>(() => Run(false, Models.Of("NoSuchOperator", ElementType.Float), Tensor.OfFloat(1)));

        // Other tests run beside this one; what they have in use goes away in time.
        Assert.True(SpinWait.SpinUntil(() => Directory.GetDirectories(Path.GetTempPath(), "OptimizeTasks-run-*").Except(before).All(f => !Directory.Exists(f)), TimeSpan.FromSeconds(20)));
    }

    /// <summary>An array of the test set: after the header's line come the numbers.</summary>
    private static T[] ReadArray<T>(string name)
        where T : unmanaged
    {
        using ZipArchive archive = ZipFile.OpenRead(SharedModels.Path("digits/digits-test.npz"));
        using Stream stream = archive.GetEntry(name)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        ReadOnlySpan<byte> bytes = memory.ToArray();
        return MemoryMarshal.Cast<byte, T>(bytes[(bytes.IndexOf((byte)'\n') + 1)..]).ToArray();
    }

    private static Tensor Floats(int count) => Tensor.Create<float>(ElementType.Float, [count], new float[count]);

    private Tensor Run(bool isolated, Model model, params ReadOnlySpan<Tensor> inputs) =>
        runners[isolated].Run(model, Models.Inputs(inputs), RunLimits.Default, CancellationToken.None)["y"];

    /// <summary>One worker for all tests of the class.</summary>
    public sealed class Runners : IDisposable
    {
        private readonly OnnxRuntimeRunner _isolated = new(Worker.Command);
        private readonly InProcessRunner _inProcess = new();

        public IModelRunner this[bool isolated] => isolated ? _isolated : _inProcess;

        public void Dispose() => _isolated.Dispose();
    }
}
