using System.Diagnostics;
using System.Numerics.Tensors;
using VoiceActivity;

// What the model was trained on: frames of 32 ms, each after the last 4 ms of the frame before it.
const int SampleRate = 16_000;
const int FrameLength = 512;
const int ContextLength = 64;

float[] samples;
try
{
    samples = Wave.Read(args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "recording.wav"), SampleRate);
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

using var vad = SileroVad.Load();
using SileroVad.RecurrentState state = vad.NewState();
var segments = new SpeechSegments((double)FrameLength / SampleRate);
var window = new float[ContextLength + FrameLength];
var clock = Stopwatch.StartNew();

// As from a microphone: one frame after the other, with the state that the frames before left.
foreach (float[] frame in samples.Chunk(FrameLength))
{
    window.AsSpan(^ContextLength..).CopyTo(window);
    window.AsSpan(ContextLength).Clear();
    frame.CopyTo(window, ContextLength);

    using SileroVad.Outputs outputs = vad.Run(new ReadOnlyTensorSpan<float>(window, [1, window.Length]), SampleRate, state);
    Print(segments.Add(outputs.Output[0, 0]));
}

Print(segments.Finish());
double seconds = (double)samples.Length / SampleRate;
Console.WriteLine($"{seconds:F2} s of sound in {clock.Elapsed.TotalMilliseconds:F0} ms, {seconds / clock.Elapsed.TotalSeconds:F0} times as fast as it was spoken");
return 0;

static void Print(SpeechSegment? segment)
{
    if (segment is { } speech)
        Console.WriteLine($"speech from {speech.Start:F2} s to {speech.End:F2} s");
}
