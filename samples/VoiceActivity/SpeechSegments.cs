namespace VoiceActivity;

/// <summary>A stretch of speech, in seconds from the start.</summary>
internal readonly record struct SpeechSegment(double Start, double End);

/// <summary>
/// Makes segments out of the probabilities of frames as they come. Speech starts with a frame that is likely speech and ends
/// when no frame has been even somewhat likely for a while, so that short pauses between words do not end it.
/// </summary>
internal sealed class SpeechSegments(double secondsPerFrame)
{
    private const float StartProbability = 0.5f;
    private const float EndProbability = 0.35f;
    private const double EndAfterSilence = 0.3;
    private const double ShortestSpeech = 0.25;

    private int _frames;
    private int? _firstFrame;
    private int _endFrame;

    /// <summary>Takes the next frame; gives the segment that it ends, if any.</summary>
    public SpeechSegment? Add(float probability)
    {
        _frames++;
        if (probability >= (_firstFrame is null ? StartProbability : EndProbability))
        {
            _firstFrame ??= _frames - 1;
            _endFrame = _frames;
        }

        return (_frames - _endFrame) * secondsPerFrame >= EndAfterSilence ? Finish() : null;
    }

    /// <summary>Gives the segment that the end of the recording ends, if any.</summary>
    public SpeechSegment? Finish()
    {
        if (_firstFrame is not { } first)
            return null;
        _firstFrame = null;
        var segment = new SpeechSegment(first * secondsPerFrame, _endFrame * secondsPerFrame);
        return segment.End - segment.Start >= ShortestSpeech ? segment : null;
    }
}
