using System.Numerics;
using System.Numerics.Tensors;
using System.Text;

namespace Ocr;

/// <summary>Reads a line of text.</summary>
/// <param name="model">Gives the probability of every character at every step from left to right.</param>
/// <param name="characters">The characters 1, 2, … of the model; 0 stands for none, and the last one, which no list names, is the space.</param>
internal sealed class TextRecognizer(RecognitionModel model, IReadOnlyList<string> characters)
{
    private const int Height = 48;
    private const int LeastWidth = 320;

    public TextLine Read(Picture page, TextBox line)
    {
        int width = Math.Max(1, (int)MathF.Ceiling(Height * line.Width / line.Height));
        int padded = Math.Max(width, LeastWidth);
        var pixels = new float[3 * Height * padded];
        page.CopyTo(pixels, line, width, Height, new Vector3(0.5f), new Vector3(0.5f));

        using RecognitionModel.Outputs outputs = model.Run(new ReadOnlyTensorSpan<float>(pixels, [1, 3, Height, padded]));
        (string text, float confidence) = Decode(outputs.Softmax11Tmp0);
        return new TextLine(line, text, confidence);
    }

    /// <summary>Takes the most probable character of each step; repetitions count once, and "none" separates equal characters (CTC).</summary>
    private (string Text, float Confidence) Decode(ReadOnlyTensorSpan<float> probabilities)
    {
        int steps = (int)probabilities.Lengths[1], classes = (int)probabilities.Lengths[2];
        var values = new float[steps * classes];
        probabilities.FlattenTo(values);

        var text = new StringBuilder();
        float sum = 0;
        int count = 0, previous = 0;
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<float> row = values.AsSpan(step * classes, classes);
            int best = TensorPrimitives.IndexOfMax(row);
            if (best != 0 && best != previous)
            {
                text.Append(best <= characters.Count ? characters[best - 1] : " ");
                sum += row[best];
                count++;
            }

            previous = best;
        }

        return (text.ToString().Trim(), count == 0 ? 0 : sum / count);
    }
}
