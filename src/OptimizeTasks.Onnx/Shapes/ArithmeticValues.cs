namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Followed elements that are computed with.</summary>
internal static class ArithmeticValues
{
    private static readonly Dimension s_zero = Dimension.Of(0L);
    private static readonly Dimension s_one = Dimension.Of(1L);

    public static void Register(OperatorTable table)
    {
        table.AddValues(node => Combine(node, (a, b) => a + b), "Add", "Sum");
        table.AddValues(node => Combine(node, (a, b) => a - b), "Sub");
        table.AddValues(node => Combine(node, (a, b) => a * b), "Mul");
        table.AddValues(Divide, "Div");
        table.AddValues(Modulo, "Mod");
        table.AddValues(node => Combine(node, Dimension.Min), "Min");
        table.AddValues(node => Combine(node, Dimension.Max), "Max");
        table.AddValues(node => Apply(node, a => -a), "Neg");
        table.AddValues(node => Apply(node, a => Dimension.Max(a, -a)), "Abs");
        table.AddValues(Cast, "Cast", "CastLike");
        table.AddValues(node => Combine(node, Equal), "Equal");
        table.AddValues(node => Combine(node, (a, b) => AtLeast(a, b + s_one)), "Greater");
        table.AddValues(node => Combine(node, AtLeast), "GreaterOrEqual");
        table.AddValues(node => Combine(node, (a, b) => AtLeast(b, a + s_one)), "Less");
        table.AddValues(node => Combine(node, (a, b) => AtLeast(b, a)), "LessOrEqual");
        table.AddValues(node => Apply(node, a => s_one - a), "Not");
        table.AddValues(node => Combine(node, Dimension.Min), "And");
        table.AddValues(node => Combine(node, Dimension.Max), "Or");
        table.AddValues(Where, "Where");
        table.AddValues(node => Reduce(node, s_one, (a, b) => a * b), "ReduceProd");
        table.AddValues(node => Reduce(node, s_zero, (a, b) => a + b), "ReduceSum");
        table.AddValues(node => Reduce(node, null, Dimension.Min), "ReduceMin");
        table.AddValues(node => Reduce(node, null, Dimension.Max), "ReduceMax");
    }

    private static void Apply(NodeInference node, Func<Dimension, Dimension> function)
    {
        if (node.Followed(0) is { } input)
            node.Track(0, [.. input.Elements.Select(function)]);
    }

    /// <summary>Combines all inputs element by element, broadcast, from the first to the last.</summary>
    private static void Combine(NodeInference node, Func<Dimension, Dimension, Dimension> function)
    {
        if (!node.IsTrackable(0, out long[] sizes) || node.Followed(0) is not { } first)
            return;
        Dimension[] result = [.. Positions.Of(sizes).Select(position => first.At(position))];
        for (int i = 1; i < node.Node.Inputs.Count; i++)
        {
            if (node.Followed(i) is not { } next)
                return;
            int place = 0;
            foreach (long[] position in Positions.Of(sizes))
                result[place] = function(result[place++], next.At(position));
        }

        node.Track(0, result);
    }

    /// <summary>Integers are divided rounding towards 0, floats exactly: only a whole quotient can be followed.</summary>
    private static void Divide(NodeInference node)
    {
        bool isFloat = node.TypeOf(0).IsFloatingPoint();
        bool isExact = true;
        Dimension? Quotient(Dimension a, Dimension b)
        {
            if (Dimension.TryDivide(a, b, out Dimension quotient))
                return quotient;
            isExact = false;
            if (a.TryGetValue(out long x) && b.TryGetValue(out long y) && y is not 0 and not -1)
                return Dimension.OfInteger(x / y);
            return a.IsAtLeast(0) && b.IsAtLeast(0) ? Dimension.FloorDiv(a, b) : Dimension.UnknownInteger();
        }

        Combine(node, (a, b) => Quotient(a, b)!);
        if (isFloat && !isExact)
            node.Forget(0);
    }

    private static void Modulo(NodeInference node)
    {
        bool isTruncated = node.Node.IntAttribute("fmod") != 0;
        Combine(node, (a, b) => b.IsAtLeast(0) && (!isTruncated || a.IsAtLeast(0)) ? a - (b * Dimension.FloorDiv(a, b)) : Dimension.UnknownInteger());
    }

    private static void Cast(NodeInference node)
    {
        switch (node.Node.Outputs[0]!.ElementType)
        {
            case ElementType.Bool:
                Apply(node, a => a.Equals(s_zero) ? s_zero : a.IsAtLeast(1) || a.IsAtMost(Dimension.OfInteger(-1)) ? s_one : Dimension.UnknownInteger());
                break;
            case ElementType.Int64 or ElementType.Int32:
                RoundingValues.Truncate(node);
                break;
            case ElementType.Float or ElementType.Double:
                Apply(node, a => a);
                break;
            default:
                // Narrow types may wrap around.
                if (node.Numbers(0) is { } numbers && Array.TrueForAll(numbers, n => n is >= 0 and <= sbyte.MaxValue))
                    Apply(node, a => a);
                break;
        }
    }

    private static Dimension Equal(Dimension a, Dimension b)
    {
        if (a.Equals(b))
            return s_one;
        return a.IsAtMost(b - s_one) || b.IsAtMost(a - s_one) ? s_zero : Dimension.UnknownInteger();
    }

    private static Dimension AtLeast(Dimension a, Dimension b)
    {
        if (b.IsAtMost(a))
            return s_one;
        return a.IsAtMost(b - s_one) ? s_zero : Dimension.UnknownInteger();
    }

    private static void Where(NodeInference node)
    {
        if (!node.IsTrackable(0, out long[] sizes) || node.Followed(0) is not { } condition || node.Followed(1) is not { } then || node.Followed(2) is not { } otherwise)
            return;
        var elements = new List<Dimension>();
        foreach (long[] position in Positions.Of(sizes))
        {
            Dimension a = then.At(position);
            Dimension b = otherwise.At(position);
            bool isDecided = condition.At(position).TryGetValue(out long chosen);
            elements.Add(isDecided ? (chosen != 0 ? a : b) : a.Equals(b) ? a : Dimension.UnknownInteger());
        }

        node.Track(0, elements);
    }

    /// <summary>Reduces all elements to one; other reductions are not followed.</summary>
    private static void Reduce(NodeInference node, Dimension? start, Func<Dimension, Dimension, Dimension> function)
    {
        if (!node.IsTrackable(0, out long[] sizes) || sizes.Any(size => size != 1) || node.Followed(0) is not { } input || (input.Elements.Length == 0 && start is null))
            return;
        // One element is left, so that either all axes were reduced or those that were not have one element.
        IEnumerable<Dimension> elements = start is null ? input.Elements : input.Elements.Prepend(start);
        node.Track(0, [elements.Aggregate(function)]);
    }
}
