using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Testing;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>Generated classes against the same calls written by hand.</summary>
public sealed class RealModelTests
{
    private static ClassOptions Options(string name) => new() { ClassName = name, Namespace = "App.Models", TargetPath = $"models/{name}.onnx" };

    private static float[] Numbers(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin((i * 0.7f) + seed))];

    /// <summary>Runs the model by hand; each input with its data and shape.</summary>
    private static Dictionary<string, float[]> ByHand(string path, params (string Name, Array Data, long[] Shape)[] inputs)
    {
        using var session = new InferenceSession(path);
        var values = inputs.ToDictionary(input => input.Name, input => input.Data switch
        {
            float[] data => OrtValue.CreateTensorValueFromMemory(data, input.Shape),
            long[] data => OrtValue.CreateTensorValueFromMemory(data, input.Shape),
            _ => throw new NotSupportedException(),
        });
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, values, session.OutputNames);
        return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
    }

    [SharedModelFact]
    public void Digits_run_into_owned_outputs_and_into_the_callers_tensors_and_asynchronously()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");
        float[] image = Numbers(3 * 64, 1);
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path), Options("DigitsCnn"), """
            public static float[] Owned(string path, float[] image)
            {
                using var model = DigitsCnn.Load(path);
                using DigitsCnn.Outputs result = model.Run(new ReadOnlyTensorSpan<float>(image, [image.Length / 64, 1, 8, 8]));
                float[] logits = new float[result.Logits.FlattenedLength];
                result.Logits.FlattenTo(logits);
                return logits;
            }

            public static float[] Bound(string path, float[] image)
            {
                using var model = DigitsCnn.Load(path);
                nint batch = image.Length / 64;
                float[] logits = new float[batch * 10];
                model.Run(new ReadOnlyTensorSpan<float>(image, [batch, 1, 8, 8]), new TensorSpan<float>(logits, [batch, 10]));
                return logits;
            }

            public static async Task<float[]> Async(string path, float[] image)
            {
                using var model = await DigitsCnn.LoadAsync(path);
                using DigitsCnn.Outputs result = await model.RunAsync(new(image, image.Length / 64, 1, 8, 8));
                float[] logits = new float[result.Logits.FlattenedLength];
                result.Logits.FlattenTo(logits);
                return logits;
            }
            """);
        float[] expected = ByHand(path, ("image", image, [3, 1, 8, 8]))["logits"];

        Assert.Equal(expected, caller.Call<float[]>("Owned", path, image));
        Assert.Equal(expected, caller.Call<float[]>("Bound", path, image));
        Assert.Equal(expected, caller.Call<Task<float[]>>("Async", path, image).GetAwaiter().GetResult());
    }

    [SharedModelFact]
    public void Bert_runs_with_dynamic_dimensions()
    {
        string path = SharedModels.Path("transformers/bert-tiny.onnx");
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path), Options("BertTiny"), """
            public static float[][] Run(string path, long[] ids, long[] mask, long[] types, nint batch)
            {
                using var model = BertTiny.Load(path);
                nint length = ids.Length / batch;
                nint[] shape = [batch, length];
                using BertTiny.Outputs result = model.Run(new(ids, shape), new(mask, shape), new ReadOnlyTensorSpan<long>(types, shape));
                float[] hidden = new float[result.LastHiddenState.FlattenedLength];
                result.LastHiddenState.FlattenTo(hidden);
                float[] hiddenDestination = new float[hidden.Length];
                float[] pooler = new float[batch * 128];
                model.Run(new(ids, shape), new(mask, shape), new(types, shape), new(hiddenDestination, [batch, length, 128]), new(pooler, [batch, 128]));
                return [hidden, hiddenDestination, pooler];
            }
            """);
        long[] ids = [.. Enumerable.Range(0, 14).Select(i => (long)(i * 7 % 90))];
        long[] mask = [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        long[] types = new long[14];
        Dictionary<string, float[]> expected = ByHand(path, ("input_ids", ids, [2, 7]), ("attention_mask", mask, [2, 7]), ("token_type_ids", types, [2, 7]));

        float[][] actual = caller.Call<float[][]>("Run", path, ids, mask, types, (nint)2);

        Assert.Equal(expected["last_hidden_state"], actual[0]);
        Assert.Equal(expected["last_hidden_state"], actual[1]);
        Assert.Equal(expected["pooler_output"], actual[2]);
    }

    [SharedModelFact]
    public void Silero_keeps_its_state_between_calls()
    {
        string path = SharedModels.Path("speech/silero-vad-v5.onnx");
        Signature signature = SessionSignature.OfFile(path, new StatePair("state", "stateN"));
        CompiledClass caller = CompiledClass.Compile(signature, Options("SileroVad"), """
            public static float[] Owned(string path, float[] audio)
            {
                using var vad = SileroVad.Load(path);
                using SileroVad.RecurrentState state = vad.NewState();
                var scores = new System.Collections.Generic.List<float>();
                for (int i = 0; i + 512 <= audio.Length; i += 512)
                {
                    using SileroVad.Outputs result = vad.Run(new(audio.AsSpan(i, 512), [1, 512]), 16000L, state);
                    scores.Add(result.Output[0, 0]);
                }

                scores.Add(state.State[1, 0, 127]);
                return scores.ToArray();
            }

            public static float[] Bound(string path, float[] audio)
            {
                using var vad = SileroVad.Load(path);
                using SileroVad.RecurrentState state = vad.NewState(batch: 1);
                var scores = new System.Collections.Generic.List<float>();
                float[] score = new float[1];
                for (int i = 0; i + 512 <= audio.Length; i += 512)
                {
                    vad.Run(new(audio.AsSpan(i, 512), [1, 512]), 16000L, state, new(score, [1, 1]));
                    scores.Add(score[0]);
                }

                scores.Add(state.State[1, 0, 127]);
                return scores.ToArray();
            }

            public static async Task<float[]> Async(string path, float[] audio)
            {
                using var vad = SileroVad.Load(path);
                using SileroVad.RecurrentState state = vad.NewState(batch: 1);
                var scores = new System.Collections.Generic.List<float>();
                for (int i = 0; i + 512 <= audio.Length; i += 512)
                {
                    using SileroVad.Outputs result = await vad.RunAsync(new(audio.AsMemory(i, 512), 1, 512), 16000L, state);
                    scores.Add(result.Output[0, 0]);
                }

                scores.Add(state.State[1, 0, 127]);
                return scores.ToArray();
            }

            public static string StateIsNotAnOutput(string path)
            {
                using var vad = SileroVad.Load(path);
                using SileroVad.RecurrentState state = vad.NewState();
                using SileroVad.Outputs result = vad.Run(new(new float[512], [1, 512]), 16000L, state);
                try
                {
                    _ = result.StateN;
                    return "";
                }
                catch (InvalidOperationException exception)
                {
                    return exception.Message;
                }
            }
            """);
        float[] audio = Numbers(4 * 512, 3);
        float[] state = new float[2 * 128];
        var expected = new List<float>();
        for (int i = 0; i < audio.Length; i += 512)
        {
            Dictionary<string, float[]> outputs = ByHand(path, ("input", audio[i..(i + 512)], [1, 512]), ("state", state, [2, 1, 128]), ("sr", new long[] { 16000 }, []));
            expected.Add(outputs["output"][0]);
            state = outputs["stateN"];
        }

        expected.Add(state[^1]);
        Assert.Equal(expected, caller.Call<float[]>("Owned", path, audio));
        Assert.Equal(expected, caller.Call<float[]>("Bound", path, audio));
        Assert.Equal(expected, caller.Call<Task<float[]>>("Async", path, audio).GetAwaiter().GetResult());
        Assert.Equal("the output stateN went into the state: read it there", caller.Call<string>("StateIsNotAnOutput", path));
    }

    [SharedModelFact]
    public void Text_recogniser_runs_on_any_width()
    {
        string path = SharedModels.Path("ocr/ppocr-v4-rec.onnx");
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path), Options("TextRecogniser"), """
            public static (nint[], float) Run(string path, float[] image, nint width)
            {
                using var model = TextRecogniser.Load(path);
                using TextRecogniser.Outputs result = model.Run(new ReadOnlyTensorSpan<float>(image, [1, 3, 48, width]));
                ReadOnlyTensorSpan<float> scores = result.Softmax11Tmp0;
                return (scores.Lengths.ToArray(), scores[0, scores.Lengths[1] - 1, 6624]);
            }
            """);
        foreach (int width in new[] { 64, 160 })
        {
            float[] image = Numbers(3 * 48 * width, 5);
            float[] expected = ByHand(path, ("x", image, [1, 3, 48, width]))["softmax_11.tmp_0"];

            (nint[] shape, float last) = caller.Call<(nint[], float)>("Run", path, image, (nint)width);

            Assert.Equal([1, width / 8, 6625], shape);
            Assert.Equal(expected[^1], last);
        }
    }

    [SharedModelFact]
    public void Gpt2_grows_its_past_in_a_state()
    {
        string path = SharedModels.Path("transformers/gpt2-tiny.onnx");
        StatePair[] states = [.. Enumerable.Range(0, 3).SelectMany(layer => new[] { "key", "value" }.Select(kind => new StatePair($"past_key_values.{layer}.{kind}", $"present.{layer}.{kind}")))];
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path, states), Options("Gpt2"), """
            public static float[] Run(string path, long[] tokens)
            {
                using var model = Gpt2.Load(path);
                using Gpt2.RecurrentState state = model.NewState();
                float[] logits = new float[1000];
                using (Gpt2.Outputs prompt = model.Run(new(tokens.AsSpan(0, 3), [1, 3]), state))
                    _ = prompt.Logits;
                foreach (long token in tokens.AsSpan(3))
                    model.Run(new([token], [1, 1]), state, new(logits, [1, 1, 1000]));
                return [.. logits, state.PastKeyValues0Key.Lengths[2]];
            }
            """);
        long[] tokens = [5, 17, 400, 23, 999, 1];
        float[] nothing = [];
        (string, Array, long[])[] past = [.. states.Select(state => (state.Input, (Array)nothing, new long[] { 1, 4, 0, 32 }))];
        float[] expected = ByHand(path, [("input_ids", tokens, [1, 6]), .. past])["logits"][^1000..];

        float[] actual = caller.Call<float[]>("Run", path, tokens);

        Assert.Equal(6, actual[^1]);
        for (int i = 0; i < 1000; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f);
    }
}
