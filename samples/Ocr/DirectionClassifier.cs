using System.Numerics;
using System.Numerics.Tensors;

namespace Ocr;

/// <summary>Tells whether a line of text stands upside down.</summary>
internal sealed class DirectionClassifier(DirectionModel model)
{
    private const int Height = 48;
    private const int Width = 192;
    private const float Certain = 0.9f;

    public bool IsUpsideDown(Picture page, TextBox line)
    {
        // The start of a long line tells enough. A short line leaves grey on the right.
        TextBox start = line.Start(line.Height * Width / Height);
        int width = (int)MathF.Ceiling(Height * start.Width / start.Height);
        var pixels = new float[3 * Height * Width];
        page.CopyTo(pixels, start, Math.Clamp(width, 1, Width), Height, new Vector3(0.5f), new Vector3(0.5f));

        using DirectionModel.Outputs outputs = model.Run(new ReadOnlyTensorSpan<float>(pixels, [1, 3, Height, Width]));
        return outputs.Softmax0Tmp0[0, 1] > Certain;
    }
}
