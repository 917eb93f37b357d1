using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Architectures;

/// <summary>torchvision's <c>shifted_window_attention</c>, traced: padding and masks are computed from sizes.</summary>
internal sealed class WindowAttention(ModuleBuilder b, long size, long heads, long window, long shift)
{
    private const float Excluded = -100;

    /// <summary>x is [batch, height, width, size].</summary>
    public Value Apply(Value x)
    {
        Value batch = b.Size(x, 0), height = b.Size(x, 1), width = b.Size(x, 2), channels = b.Size(x, 3);
        Value right = Missing(width), below = Missing(height);
        Value padded = Pad(b, x, right, below);
        Value paddedHeight = b.Size(padded, 1), paddedWidth = b.Size(padded, 2);
        Value rolled = shift > 0 ? Roll(padded, shift) : padded;

        Value rows = b.FloorDivide(paddedHeight, window), columns = b.FloorDivide(paddedWidth, window);
        Value count = b.Apply("Mul", rows, columns);
        Value tiles = b.Transpose(b.Reshape(rolled, batch, rows, window, columns, window, channels), 0, 1, 3, 2, 4, 5);
        Value windows = b.Reshape(tiles, b.Apply("Mul", batch, count), window * window, channels);

        Value qkv = b.Linear("qkv", windows, size, 3 * size, Bias.Zero);
        Value all = b.Size(windows, 0), tokens = b.Size(windows, 1);
        Value depth = b.FloorDivide(channels, heads);
        Value split = b.Transpose(b.Reshape(qkv, all, tokens, 3, heads, depth), 2, 0, 3, 1, 4);
        Value query = b.Element(split, 0), key = b.Element(split, 1), value = b.Element(split, 2);
        Value factor = b.Apply("Pow", b.Cast(depth, ElementType.Float), b.Constant(-0.5f));
        Value scaled = b.Apply("Mul", query, factor);
        Value scores = b.Apply("MatMul", scaled, b.Transpose(key, 0, 1, 3, 2));
        scores = b.Apply("Add", scores, b.Weight("relative_position_bias", new WeightStatistics(0.1f), [1, heads, window * window, window * window], 1));
        if (shift > 0)
        {
            Value mask = Mask(paddedHeight, paddedWidth, rows, columns, count);
            Value images = b.FloorDivide(all, count);
            Value images5 = b.Reshape(scores, images, count, heads, tokens, tokens);
            Value masked = b.Apply("Add", images5, b.Unsqueeze(b.Unsqueeze(mask, 1), 0));
            scores = b.Reshape(masked, -1, heads, tokens, tokens);
        }

        Value context = b.Transpose(b.Apply("MatMul", b.Softmax(scores), value), 0, 2, 1, 3);
        Value projected = b.Linear("proj", b.Reshape(context, all, tokens, channels), size, size, Bias.Zero);
        Value merged = b.Transpose(b.Reshape(projected, batch, rows, columns, window, window, channels), 0, 1, 3, 2, 4, 5);
        Value picture = b.Reshape(merged, batch, paddedHeight, paddedWidth, channels);
        Value unrolled = shift > 0 ? Roll(picture, -shift) : picture;
        return b.Slice(b.Slice(unrolled, 1, 0, height, 1), 2, 0, width, 1);
    }

    /// <summary>Columns at the right and rows below, as the exporter turns PyTorch's order of pads into ONNX's.</summary>
    public static Value Pad(ModuleBuilder b, Value x, Value right, Value below)
    {
        Value counted = b.Join(0, 0, 0, right, 0, below);
        Value given = b.Join(0, 0, 0, right, 0, below);
        Value length = b.Apply("Gather", [new IntAttribute("axis", 0)], b.Apply("Shape", counted), b.Vector(0));
        Value missing = b.Apply("Sub", b.Scalar(8), length);
        Value pads = b.Concat(0, b.Cast(given, ElementType.Int64), b.Filled(missing, Tensor.OfInt64(0)));
        Value pairs = b.Reshape(pads, -1, 2);
        Value reversed = b.Slice(pairs, 0, -1, -long.MaxValue, -1);
        Value flat = b.Reshape(b.Transpose(reversed, 1, 0), -1);
        return b.Apply("Pad", [new StringAttribute("mode", "constant")], x, b.Cast(flat, ElementType.Int64), null);
    }

    /// <summary>(window - length % window) % window.</summary>
    private Value Missing(Value length)
    {
        Value rest = b.Apply("Mod", [new IntAttribute("fmod", 0)], length, b.Scalar(window));
        Value missing = b.Apply("Sub", b.Scalar(window), rest);
        return b.Apply("Mod", [new IntAttribute("fmod", 0)], missing, b.Scalar(window));
    }

    /// <summary>What leaves at the top and the left comes back at the other end.</summary>
    private Value Roll(Value x, long by)
    {
        foreach (long axis in new long[] { 1, 2 })
        {
            Value tail = Part(x, axis, by, Extent.End);
            Value head = Part(x, axis, 0, by);
            x = b.Concat(axis, tail, head);
        }

        return x;
    }

    private Value Part(Value x, long axis, Extent start, Extent end) => b.Apply("Slice", x, b.Join(start), b.Join(end), b.Vector(axis));

    /// <summary>Excludes pairs of places that the shift brought into one window: [windows, tokens, tokens].</summary>
    private Value Mask(Value height, Value width, Value rows, Value columns, Value count)
    {
        Value regions = b.Filled(b.Join(height, width), Tensor.Create<float>(ElementType.Float, [1], [0]));
        (Extent Start, Extent End)[] ranges = [(0, -window), (-window, -shift), (-shift, Extent.End)];
        int number = 0;
        foreach ((Extent top, Extent bottom) in ranges)
        {
            foreach ((Extent left, Extent right) in ranges)
                regions = Assign(regions, number++, top, bottom, left, right);
        }

        Value tiles = b.Transpose(b.Reshape(regions, rows, window, columns, window), 0, 2, 1, 3);
        Value places = b.Reshape(tiles, count, window * window);
        Value across = b.Unsqueeze(places, 1);
        Value difference = b.Apply("Sub", across, b.Unsqueeze(places, 2));
        Value apart = b.Cast(b.Apply("Not", b.Apply("Equal", difference, b.Constant(0f))), ElementType.Bool);
        Value excluded = b.Apply("Where", apart, b.Constant(Excluded), difference);
        Value together = b.Cast(b.Apply("Equal", difference, b.Constant(0f)), ElementType.Bool);
        return b.Apply("Where", together, b.Constant(0f), excluded);
    }

    /// <summary><c>regions[top:bottom, left:right] = number</c>.</summary>
    private Value Assign(Value regions, int number, Extent top, Extent bottom, Extent left, Extent right)
    {
        Value part = b.Slice(b.Slice(regions, 0, top, bottom, 1), 1, left, right, 1);
        Value filled = b.Filled(b.Apply("Shape", part), Tensor.Create<float>(ElementType.Float, [1], [number]));
        Value values = b.Apply("Expand", filled, b.Apply("Shape", part));
        Value rows = b.Slice(b.Range(b.Size(regions, 0)), 0, top, bottom, 1);
        Value columns = b.Slice(b.Range(b.Size(regions, 1)), 0, left, right, 1);
        Value upright = b.Reshape(rows, -1, 1);
        Value shape = b.Apply("Shape", b.Apply("Add", upright, columns));
        Value rowIndices = b.Unsqueeze(b.Apply("Expand", upright, b.Kept(shape)), -1);
        Value columnIndices = b.Unsqueeze(b.Apply("Expand", columns, b.Kept(shape)), -1);
        Value indices = b.Concat(-1, rowIndices, columnIndices);
        Value rest = Part(b.Apply("Shape", regions), 0, 2, Extent.End);
        Value updates = b.Reshape(values, b.Concat(0, shape, rest));
        return b.Apply("ScatterND", regions, indices, updates);
    }
}
