namespace Ocr;

/// <summary>A piece of text, where it stands, and the mean probability of its characters.</summary>
internal sealed record TextLine(TextBox Box, string Text, float Confidence)
{
    /// <summary>Whether there is text that was likely read right; lines and pictures on a page are neither.</summary>
    public bool IsLegible => Text.Length > 0 && Confidence >= 0.5f;
}
