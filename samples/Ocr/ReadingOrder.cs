using System.Numerics;

namespace Ocr;

/// <summary>Puts pieces of text in reading order.</summary>
internal static class ReadingOrder
{
    /// <summary>Rows from top to bottom; in a row, pieces from left to right. The page may be skewed.</summary>
    public static IEnumerable<IReadOnlyList<TextLine>> Rows(IEnumerable<TextLine> lines)
    {
        TextLine[] all = [.. lines];
        Vector2 right = MainDirection(all), down = new(-right.Y, right.X);
        var row = new List<TextLine>();
        foreach (TextLine line in all.OrderBy(line => Vector2.Dot(line.Box.Center, down)))
        {
            if (row.Count > 0 && Vector2.Dot(line.Box.Center - row[0].Box.Center, down) > row[0].Box.Height / 2)
            {
                yield return LeftToRight(row, right);
                row = [];
            }

            row.Add(line);
        }

        if (row.Count > 0)
            yield return LeftToRight(row, right);
    }

    /// <summary>The direction in which most of the text is read. It points left where the whole page lies upside down.</summary>
    private static Vector2 MainDirection(TextLine[] lines)
    {
        Vector2 sum = lines.Aggregate(Vector2.Zero, (sum, line) => sum + line.Box.Reading * line.Box.Width);
        return sum == Vector2.Zero ? Vector2.UnitX : Vector2.Normalize(sum);
    }

    private static TextLine[] LeftToRight(List<TextLine> row, Vector2 right) =>
        [.. row.OrderBy(line => Vector2.Dot(line.Box.Center, right))];
}
