using System.Text;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Draws tensors for inputs. The same seed, kind and sizes give the same tensors.</summary>
/// <param name="seed">Where the drawing starts.</param>
/// <param name="kind">What is drawn.</param>
/// <param name="integers">What is drawn for integers of which nothing is known.</param>
/// <param name="sizing">The sizes.</param>
internal sealed class InputDrawing(int seed, InputKind kind, IntegerKind integers, Sizing sizing)
{
    private const int SmallIntegers = 10;

    /// <summary>What is added to the scores of masked elements: large, and far from overflowing half precision.</summary>
    private const double Masked = -10000;

    private static readonly string[] _words = ["", "a", "model", "Zürich", "weights", "two words"];

    /// <summary>A tensor for every input. The sizes must make shapes.</summary>
    public IReadOnlyDictionary<string, Tensor> Draw(IReadOnlyList<InputSpecification> inputs) =>
        inputs.ToDictionary(i => i.Name, i => Draw(i, sizing.ShapeOf(i)!), StringComparer.Ordinal);

    private Tensor Draw(InputSpecification input, long[] shape)
    {
        var random = new Random(unchecked((seed * 397) ^ StableHash(input.Name)));
        int count = checked((int)shape.Aggregate(1L, (product, size) => checked(product * size)));
        if (input.Role == InputRole.Text)
            return new Tensor(input.Type, shape, new StringData([.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(_words[random.Next(_words.Length)]))]));
        var values = new double[count];
        Fill(values, input, shape, random);
        return Pack(input.Type, shape, values);
    }

    private void Fill(double[] values, InputSpecification input, long[] shape, Random random)
    {
        int row = (int)(shape.Length == 0 ? 1 : shape[^1]);
        switch (input.Role)
        {
            case InputRole.Mask:
                bool additive = input.Type.IsFloatingPoint() && shape.Length > 2;
                FillMask(values, row, shape.Length == 0 ? 1 : (int)shape[0], random);
                if (additive)
                    FillWith(values, i => values[i] == 0 ? Masked : 0);
                break;
            case InputRole.Position:
                long bound = input.Bound ?? 2 * (sizing.Past + row);
                FillWith(values, i => (kind.Positions == PositionKind.Consecutive ? sizing.Past + (i % row) : random.NextInt64(bound)) % bound);
                break;
            case InputRole.Index:
                FillWith(values, _ => random.NextInt64(input.Bound ?? SmallIntegers));
                break;
            case InputRole.Length:
                FillWith(values, _ => sizing.Past + sizing.Length);
                break;
            case InputRole.Truth:
                FillWith(values, _ => random.Next(2));
                break;
            case InputRole.Integer:
                FillWith(values, _ => DrawInteger(input, random));
                break;
            default:
                FillNumbers(values, input, row, random);
                break;
        }
    }

    private double DrawInteger(InputSpecification input, Random random)
    {
        if (input.Choices.Length > 0)
            return kind.OtherChoice ? input.Choices[^1] + 1 : input.Choices[random.Next(input.Choices.Length)];
        return integers switch
        {
            IntegerKind.Small => random.Next(SmallIntegers),
            IntegerKind.One => 1,
            IntegerKind.Zero => 0,
            _ => sizing.Past + sizing.Length,
        };
    }

    /// <summary>Rows of the same batch element are masked alike; every row keeps an element, and loses one where it has two.</summary>
    private void FillMask(double[] values, int row, int batch, Random random)
    {
        Array.Fill(values, 1);
        if (kind.Masks == MaskKind.Ones || row < 2)
            return;
        int rows = values.Length / row;
        for (int element = 0; element < batch && rows > 0; element++)
        {
            bool[] masked = MaskRow(row, random);
            for (int r = element * rows / batch; r < (element + 1) * rows / batch; r++)
            {
                for (int i = 0; i < row; i++)
                    values[(r * row) + i] = masked[i] ? 0 : 1;
            }
        }
    }

    private bool[] MaskRow(int length, Random random)
    {
        var masked = new bool[length];
        int padding = 1 + random.Next(length - 1);
        switch (kind.Masks)
        {
            case MaskKind.RightPadded:
                masked.AsSpan(length - padding).Fill(true);
                break;
            case MaskKind.LeftPadded:
                masked.AsSpan(0, padding).Fill(true);
                break;
            default:
                for (int i = 0; i < length; i++)
                    masked[i] = random.Next(3) == 0;
                // Never what the other kinds draw: a hole between two elements that stay.
                masked[0] = masked[^1] = false;
                masked[length / 2] = true;
                break;
        }

        return masked;
    }

    private void FillNumbers(double[] values, InputSpecification input, int row, Random random)
    {
        bool integers = !input.Type.IsFloatingPoint();
        switch (kind.Numbers)
        {
            case NumberKind.Normal when !integers:
                FillWith(values, _ => DrawNormal(random));
                break;
            case NumberKind.Smooth when input.Role == InputRole.Image:
                FillWith(values, i => 0.5 + (0.35 * Math.Sin(i % row * 0.11) * Math.Cos(i / row * 0.07)) + (0.1 * (random.NextDouble() - 0.5)));
                break;
            default:
                FillWith(values, _ => random.NextDouble());
                break;
        }

        // Images of bytes.
        if (integers)
            FillWith(values, i => Math.Floor(values[i] * (input.Type == ElementType.UInt8 ? 256 : 128)));
    }

    /// <summary>Box and Muller's method.</summary>
    private static double DrawNormal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void FillWith(double[] values, Func<int, double> value)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = value(i);
    }

    private static Tensor Pack(ElementType type, long[] shape, double[] values) => type switch
    {
        ElementType.Float => Pack(type, shape, values, v => (float)v),
        ElementType.Double => Pack(type, shape, values, v => v),
        ElementType.Float16 => Pack(type, shape, values, v => (Half)v),
        ElementType.BFloat16 => Pack(type, shape, values, v => (ushort)(BitConverter.SingleToUInt32Bits((float)v) >> 16)),
        ElementType.Int64 => Pack(type, shape, values, v => (long)v),
        ElementType.Int32 => Pack(type, shape, values, v => (int)v),
        ElementType.Int16 => Pack(type, shape, values, v => (short)v),
        ElementType.Int8 => Pack(type, shape, values, v => (sbyte)v),
        ElementType.UInt64 => Pack(type, shape, values, v => (ulong)v),
        ElementType.UInt32 => Pack(type, shape, values, v => (uint)v),
        ElementType.UInt16 => Pack(type, shape, values, v => (ushort)v),
        ElementType.UInt8 or ElementType.Bool => Pack(type, shape, values, v => (byte)v),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "nothing is drawn for this type"),
    };

    private static Tensor Pack<T>(ElementType type, long[] shape, double[] values, Converter<double, T> convert)
        where T : unmanaged => Tensor.Create<T>(type, shape, Array.ConvertAll(values, convert));

    /// <summary>The FNV-1a hash: the framework's own differs from process to process.</summary>
    private static int StableHash(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 16777619);
        return unchecked((int)hash);
    }
}
