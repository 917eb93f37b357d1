using System.Globalization;
using System.Text.RegularExpressions;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Samples.Tests;

public sealed partial class VoiceActivityTests
{
    // How far the detector may be off: three of its frames.
    private const double Tolerance = 0.1;

    // When the recording's three sentences start and end, from the lengths of its parts (samples/VoiceActivity/README.md).
    private static readonly (double Start, double End)[] Sentences = [(0.80, 2.81), (3.81, 6.13), (6.93, 8.32)];

    [Fact]
    public void It_finds_the_sentences_where_they_were_spoken()
    {
        string[] lines = SampleProgram.Run("VoiceActivity");

        Match[] segments = [.. lines[..^1].Select(line => Segment().Match(line))];
        Assert.Equal(Sentences.Length, segments.Length);
        Assert.All(segments.Zip(Sentences), pair =>
        {
            (Match segment, (double start, double end)) = pair;
            Assert.True(segment.Success);
            Assert.InRange(Seconds(segment, "start"), start - Tolerance, start + Tolerance);
            Assert.InRange(Seconds(segment, "end"), end - Tolerance, end + Tolerance);
        });
    }

    [Fact]
    public void It_refuses_what_is_no_recording_in_one_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.wav"], "no recording");

        Assert.Equal($"{folder["text.wav"]} is not a WAV file.", SampleProgram.Refuse("VoiceActivity", folder["text.wav"]));
    }

    private static double Seconds(Match segment, string group) => double.Parse(segment.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^speech from (?<start>[\d.]+) s to (?<end>[\d.]+) s$")]
    private static partial Regex Segment();
}
