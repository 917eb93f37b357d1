using System.Numerics;

namespace Ocr;

/// <summary>A rectangle around a line of text, in pixels of the page. It may be rotated.</summary>
/// <param name="Center">Where the diagonals cross.</param>
/// <param name="Reading">The direction in which the line is read, of length 1.</param>
/// <param name="Width">The extent in reading direction.</param>
/// <param name="Height">The extent across it.</param>
internal readonly record struct TextBox(Vector2 Center, Vector2 Reading, float Width, float Height)
{
    /// <summary>The direction from a letter's top to its foot.</summary>
    public Vector2 Down => new(-Reading.Y, Reading.X);

    /// <summary>The same rectangle for text that stands upside down.</summary>
    public TextBox UpsideDown => this with { Reading = -Reading };

    /// <summary>The whole picture.</summary>
    public static TextBox Around(Picture picture) =>
        new(new Vector2(picture.Width, picture.Height) / 2, Vector2.UnitX, picture.Width, picture.Height);

    /// <summary>The rectangle grown by the same margin on every side.</summary>
    public TextBox Grow(float margin) => this with { Width = Width + 2 * margin, Height = Height + 2 * margin };

    /// <summary>The part from which reading starts, at most as wide as given.</summary>
    public TextBox Start(float width) => width >= Width ? this : this with { Center = Center - Reading * ((Width - width) / 2), Width = width };

    /// <summary>The point at a fraction (0 to 1) of the width and height.</summary>
    public Vector2 PointAt(float across, float down) => Center + Reading * ((across - 0.5f) * Width) + Down * ((down - 0.5f) * Height);

    /// <summary>The rectangle of least area around the points. One of its sides lies on a side of their convex hull.</summary>
    public static TextBox Around(IEnumerable<Vector2> points)
    {
        List<Vector2> hull = ConvexHull(points);
        TextBox smallest = Along(Vector2.UnitX, hull);
        for (int i = 0; i < hull.Count; i++)
        {
            Vector2 side = hull[(i + 1) % hull.Count] - hull[i];
            TextBox box = side == Vector2.Zero ? smallest : Along(Vector2.Normalize(side), hull);
            if (box.Width * box.Height < smallest.Width * smallest.Height)
                smallest = box;
        }

        return smallest.Upright();
    }

    private static TextBox Along(Vector2 reading, List<Vector2> points)
    {
        var down = new Vector2(-reading.Y, reading.X);
        float left = points.Min(p => Vector2.Dot(p, reading)), right = points.Max(p => Vector2.Dot(p, reading));
        float top = points.Min(p => Vector2.Dot(p, down)), bottom = points.Max(p => Vector2.Dot(p, down));
        return new TextBox(reading * ((left + right) / 2) + down * ((top + bottom) / 2), reading, right - left, bottom - top);
    }

    /// <summary>Reads along the longer side if it is much longer, else along the more horizontal one; towards the right.</summary>
    private TextBox Upright()
    {
        bool turn = Math.Max(Width, Height) > 1.5f * Math.Min(Width, Height)
            ? Height > Width
            : Math.Abs(Reading.Y) > Math.Abs(Reading.X);
        TextBox box = turn ? new TextBox(Center, Down, Height, Width) : this;
        return box.Reading.X < 0 ? box.UpsideDown : box;
    }

    /// <summary>The corners of the convex hull in order, by Andrew's monotone chain: lower chain, then upper chain.</summary>
    private static List<Vector2> ConvexHull(IEnumerable<Vector2> points)
    {
        Vector2[] sorted = [.. points.Distinct().OrderBy(p => p.X).ThenBy(p => p.Y)];
        return sorted.Length < 3 ? [.. sorted] : [.. Chain(sorted), .. Chain([.. sorted.Reverse()])];
    }

    private static IEnumerable<Vector2> Chain(Vector2[] points)
    {
        var chain = new List<Vector2>();
        foreach (Vector2 point in points)
        {
            while (chain.Count > 1 && Cross(chain[^1] - chain[^2], point - chain[^2]) <= 0)
                chain.RemoveAt(chain.Count - 1);
            chain.Add(point);
        }

        return chain.SkipLast(1);
    }

    private static float Cross(Vector2 a, Vector2 b) => a.X * b.Y - a.Y * b.X;
}
