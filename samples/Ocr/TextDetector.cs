using System.Numerics;
using System.Numerics.Tensors;

namespace Ocr;

/// <summary>Finds lines of text on a page.</summary>
internal sealed class TextDetector(DetectionModel model)
{
    private const int LongestSide = 960;
    private const float PixelThreshold = 0.3f;
    private const float BoxThreshold = 0.6f;
    private const int SmallestSide = 3;

    /// <summary>
    /// The model marks the core of a line; this much of area / perimeter is added on every side. PaddleOCR adds 1.5, which loses
    /// narrow spaces between words.
    /// </summary>
    private const float Unclip = 1.9f;

    // Of the ImageNet pictures, with which the model was trained.
    private static readonly Vector3 Mean = new(0.485f, 0.456f, 0.406f);
    private static readonly Vector3 Deviation = new(0.229f, 0.224f, 0.225f);

    public IReadOnlyList<TextBox> Find(Picture page)
    {
        float scale = Math.Min(1, (float)LongestSide / Math.Max(page.Width, page.Height));
        int width = MultipleOf32(page.Width * scale), height = MultipleOf32(page.Height * scale);
        var pixels = new float[3 * width * height];
        page.CopyTo(pixels, TextBox.Around(page), width, height, Mean, Deviation);

        using DetectionModel.Outputs outputs = model.Run(new ReadOnlyTensorSpan<float>(pixels, [1, 3, height, width]));
        var probabilities = new float[width * height];
        outputs.Sigmoid0Tmp0.FlattenTo(probabilities);

        var toPage = new Vector2((float)page.Width / width, (float)page.Height / height);
        return [.. Regions(probabilities, width)
            .Where(region => region.Average(pixel => probabilities[pixel]) > BoxThreshold)
            .Select(region => TextBox.Around(region.SelectMany(pixel => Corners(pixel % width, pixel / width, toPage))))
            .Where(box => Math.Min(box.Width, box.Height) > SmallestSide)
            .Select(box => box.Grow(Unclip * box.Width * box.Height / (2 * (box.Width + box.Height))))];
    }

    private static int MultipleOf32(float size) => Math.Max(32, (int)MathF.Round(size / 32) * 32);

    private static Vector2[] Corners(int x, int y, Vector2 scale) =>
        [scale * new Vector2(x, y), scale * new Vector2(x + 1, y), scale * new Vector2(x, y + 1), scale * new Vector2(x + 1, y + 1)];

    /// <summary>The connected sets of pixels above the threshold.</summary>
    private static IEnumerable<List<int>> Regions(float[] probabilities, int width)
    {
        var seen = new bool[probabilities.Length];
        for (int start = 0; start < probabilities.Length; start++)
        {
            if (seen[start] || probabilities[start] <= PixelThreshold)
                continue;
            seen[start] = true;
            var region = new List<int> { start };
            for (int next = 0; next < region.Count; next++)
            {
                foreach (int neighbor in Neighbors(region[next], width, probabilities.Length))
                {
                    if (!seen[neighbor] && probabilities[neighbor] > PixelThreshold)
                    {
                        seen[neighbor] = true;
                        region.Add(neighbor);
                    }
                }
            }

            yield return region;
        }
    }

    private static IEnumerable<int> Neighbors(int pixel, int width, int count)
    {
        int x = pixel % width;
        for (int row = pixel - x - width; row <= pixel - x + width; row += width)
        {
            if (row < 0 || row >= count)
                continue;
            for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
                yield return row + column;
        }
    }
}
