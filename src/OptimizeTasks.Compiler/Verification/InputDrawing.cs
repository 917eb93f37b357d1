using System.Runtime.InteropServices;
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
        return Pack(input.Type, shape, count, Elements(input, shape, count, random));
    }

    /// <summary>The element of each place. They are asked for in order, once each.</summary>
    private Func<int, double> Elements(InputSpecification input, long[] shape, int count, Random random)
    {
        int row = (int)(shape.Length == 0 ? 1 : shape[^1]);
        switch (input.Role)
        {
            case InputRole.Mask:
                Func<int, bool> isMasked = Mask(count, row, shape.Length == 0 ? 1 : (int)shape[0], MasksOf(input), random);
                bool additive = input.Type.IsFloatingPoint() && shape.Length > 2;
                return additive ? i => isMasked(i) ? Masked : 0 : i => isMasked(i) ? 0 : 1;
            case InputRole.Position:
                long bound = input.Bound ?? 2 * (sizing.Past + row);
                return i => (kind.Positions == PositionKind.Consecutive || input.IsPromised ? sizing.Past + (i % row) : random.NextInt64(bound)) % bound;
            case InputRole.Index:
                return _ => random.NextInt64(input.Bound ?? SmallIntegers);
            case InputRole.Length:
                return _ => sizing.Past + sizing.Length;
            case InputRole.Truth:
                return _ => random.Next(2);
            case InputRole.Integer:
                return _ => DrawInteger(input, random);
            default:
                return Numbers(input, row, random);
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

    /// <summary>What a promise leaves of the kind that is to be drawn: padding on the right, and none behind a past.</summary>
    private MaskKind MasksOf(InputSpecification input) =>
        !input.IsPromised || kind.Masks == MaskKind.Ones ? kind.Masks : sizing.Past > 0 ? MaskKind.Ones : MaskKind.RightPadded;

    /// <summary>Rows of the same batch element are masked alike; every row keeps an element, and loses one where it has two.</summary>
    private static Func<int, bool> Mask(int count, int row, int batch, MaskKind masks, Random random)
    {
        if (masks == MaskKind.Ones || row < 2 || count == 0)
            return _ => false;
        long rows = count / row;
        var padding = new bool[]?[batch];
        return i => (padding[(((i / row) + 1) * (long)batch - 1) / rows] ??= MaskRow(row, masks, random))[i % row];
    }

    private static bool[] MaskRow(int length, MaskKind masks, Random random)
    {
        var masked = new bool[length];
        int padding = 1 + random.Next(length - 1);
        switch (masks)
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

    private Func<int, double> Numbers(InputSpecification input, int row, Random random)
    {
        bool integers = !input.Type.IsFloatingPoint();
        Func<int, double> number = kind.Numbers switch
        {
            NumberKind.Normal when !integers => _ => DrawNormal(random),
            NumberKind.Smooth when input.Role == InputRole.Image => i => 0.5 + (0.35 * Math.Sin(i % row * 0.11) * Math.Cos(i / row * 0.07)) + (0.1 * (random.NextDouble() - 0.5)),
            _ => _ => random.NextDouble(),
        };

        // Images of bytes.
        return integers ? i => Math.Floor(number(i) * (input.Type == ElementType.UInt8 ? 256 : 128)) : number;
    }

    /// <summary>Box and Muller's method.</summary>
    private static double DrawNormal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Tensor Pack(ElementType type, long[] shape, int count, Func<int, double> element) => type switch
    {
        ElementType.Float => Pack(type, shape, count, i => (float)element(i)),
        ElementType.Double => Pack<double>(type, shape, count, i => element(i)),
        ElementType.Float16 => Pack(type, shape, count, i => (Half)element(i)),
        ElementType.BFloat16 => Pack(type, shape, count, i => (ushort)(BitConverter.SingleToUInt32Bits((float)element(i)) >> 16)),
        ElementType.Int64 => Pack(type, shape, count, i => (long)element(i)),
        ElementType.Int32 => Pack(type, shape, count, i => (int)element(i)),
        ElementType.Int16 => Pack(type, shape, count, i => (short)element(i)),
        ElementType.Int8 => Pack(type, shape, count, i => (sbyte)element(i)),
        ElementType.UInt64 => Pack(type, shape, count, i => (ulong)element(i)),
        ElementType.UInt32 => Pack(type, shape, count, i => (uint)element(i)),
        ElementType.UInt16 => Pack(type, shape, count, i => (ushort)element(i)),
        ElementType.UInt8 or ElementType.Bool => Pack(type, shape, count, i => (byte)element(i)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "nothing is drawn for this type"),
    };

    private static Tensor Pack<T>(ElementType type, long[] shape, int count, Func<int, T> element)
        where T : unmanaged
    {
        var bytes = new byte[type.ByteLength(count)];
        Span<T> elements = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < elements.Length; i++)
            elements[i] = element(i);
        return new Tensor(type, shape, new MemoryData(bytes));
    }

    /// <summary>The FNV-1a hash: the framework's own differs from process to process.</summary>
    private static int StableHash(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 16777619);
        return unchecked((int)hash);
    }
}
