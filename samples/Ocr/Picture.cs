using System.Numerics;

namespace Ocr;

/// <summary>A picture: red, green and blue in 0..255, row by row.</summary>
internal sealed class Picture(int width, int height, byte[] pixels)
{
    public int Width => width;

    public int Height => height;

    /// <summary>
    /// Scales a region of the picture to <paramref name="regionWidth"/> × <paramref name="regionHeight"/> pixels and writes it as the
    /// planes blue, green, red, each value as (value / 255 − mean) / deviation. A row of <paramref name="planes"/> may be longer than
    /// the region is wide: the rest of it is left as it is.
    /// </summary>
    public void CopyTo(Span<float> planes, TextBox region, int regionWidth, int regionHeight, Vector3 mean, Vector3 deviation)
    {
        int plane = planes.Length / 3;
        int stride = plane / regionHeight;
        for (int y = 0; y < regionHeight; y++)
        {
            for (int x = 0; x < regionWidth; x++)
            {
                Vector3 color = At(region.PointAt((x + 0.5f) / regionWidth, (y + 0.5f) / regionHeight));
                Vector3 value = (color / 255 - mean) / deviation;
                int offset = y * stride + x;
                planes[offset] = value.X;
                planes[plane + offset] = value.Y;
                planes[2 * plane + offset] = value.Z;
            }
        }
    }

    /// <summary>Blue, green and red at a point, interpolated between the four nearest pixels.</summary>
    private Vector3 At(Vector2 point)
    {
        float x = Math.Clamp(point.X - 0.5f, 0, width - 1);
        float y = Math.Clamp(point.Y - 0.5f, 0, height - 1);
        int left = (int)x, top = (int)y;
        int right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
        return Vector3.Lerp(
            Vector3.Lerp(Pixel(left, top), Pixel(right, top), x - left),
            Vector3.Lerp(Pixel(left, bottom), Pixel(right, bottom), x - left),
            y - top);
    }

    private Vector3 Pixel(int x, int y)
    {
        int offset = 3 * (y * width + x);
        return new Vector3(pixels[offset + 2], pixels[offset + 1], pixels[offset]);
    }
}
