using OptimizeTasks.Testing;

namespace OptimizeTasks.CodeGeneration.Tests;

/// <summary>What a call costs once its shapes have been seen.</summary>
public sealed class SteadyStateTests
{
    private const string Members = """
        public static long Allocated(string path, int calls)
        {
            using DigitsCnn model = DigitsCnn.Load(path, new ModelOptions { IntraOpThreads = 1 });
            float[] image = new float[2 * 64];
            float[] logits = new float[2 * 10];
            for (int i = 0; i < 50; i++)
                Call(model, image, logits, 1 + (i % 2));
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < calls; i++)
                Call(model, image, logits, 1 + (i % 2));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        private static void Call(DigitsCnn model, float[] image, float[] logits, int batch) =>
            model.Run(new ReadOnlyTensorSpan<float>(image.AsSpan(0, batch * 64), [batch, 1, 8, 8]), new TensorSpan<float>(logits.AsSpan(0, batch * 10), [batch, 10]));
        """;

    private static CompiledClass Compile(string path) =>
        CompiledClass.Compile(SessionSignature.OfFile(path), new ClassOptions { ClassName = "DigitsCnn", Namespace = "App", TargetPath = "x.onnx" }, Members);

    [SharedModelFact]
    public void Calls_into_the_callers_tensors_allocate_nothing_even_when_shapes_alternate()
    {
        string path = SharedModels.Path("digits/digits-cnn.onnx");

        // The runtime itself may allocate on the caller's thread once in a while, when it replaces code by faster code.
        CompiledClass caller = Compile(path);
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => caller.Call<long>("Allocated", path, 1000)));
    }

    [SharedModelFact]
    public void A_state_and_its_outputs_allocate_nothing()
    {
        string path = SharedModels.Path("speech/silero-vad-v5.onnx");
        CompiledClass caller = CompiledClass.Compile(SessionSignature.OfFile(path, new Manifest.StatePair("state", "stateN")), new ClassOptions { ClassName = "Vad", Namespace = "App", TargetPath = "x.onnx" }, """
            public static long Allocated(string path)
            {
                using var vad = Vad.Load(path);
                using Vad.RecurrentState state = vad.NewState();
                float[] audio = new float[512];
                float[] score = new float[1];
                long before = 0;
                for (int i = 0; i < 60; i++)
                {
                    if (i == 30)
                        before = GC.GetAllocatedBytesForCurrentThread();
                    vad.Run(new(audio, [1, 512]), 16000L, state, new(score, [1, 1]));
                }

                return GC.GetAllocatedBytesForCurrentThread() - before;
            }
            """);

        Assert.Equal(0, caller.Call<long>("Allocated", path));
    }
}
