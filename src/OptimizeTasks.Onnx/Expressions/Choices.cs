namespace OptimizeTasks.Onnx.Expressions;

/// <summary>Minimum, maximum and broadcast, simplified as far as bounds allow.</summary>
internal static class Choices
{
    /// <summary>Operands beyond this number are not compared with each other, so that the work stays small.</summary>
    private const int MaxOperands = 8;

    public static Dimension Of(Choice choice, params IEnumerable<Dimension> operands)
    {
        var kept = new List<Dimension>();
        foreach (Dimension operand in operands.SelectMany(o => Flatten(choice, o)))
        {
            if (choice == Choice.Broadcast)
                AddForBroadcast(kept, operand);
            else
                AddForExtremum(choice, kept, operand);
        }

        if (kept.Count == 1)
            return kept[0];
        if (kept.Count > MaxOperands)
            throw new OverflowException();
        kept.Sort();
        return Dimension.Of(new ChoiceAtom(choice, [.. kept]));
    }

    private static IEnumerable<Dimension> Flatten(Choice choice, Dimension operand) =>
        operand.TryGetAtom() is ChoiceAtom atom && atom.Choice == choice ? atom.Operands.ToArray() : [operand];

    private static void AddForExtremum(Choice choice, List<Dimension> kept, Dimension operand)
    {
        bool Beats(Dimension a, Dimension b) => choice == Choice.Min ? a.IsAtMost(b) : b.IsAtMost(a);
        if (kept.Exists(k => Beats(k, operand)))
            return;
        kept.RemoveAll(k => Beats(operand, k));
        kept.Add(operand);
    }

    private static void AddForBroadcast(List<Dimension> kept, Dimension operand)
    {
        // A size of 2 or more decides the result; a 1 gives way to anything.
        if (kept.Exists(k => Decides(k, operand)))
            return;
        kept.RemoveAll(k => Decides(operand, k));
        kept.Add(operand);
    }

    /// <summary>Whether the broadcast of both, if it is possible, is the first one.</summary>
    private static bool Decides(Dimension a, Dimension b) => a.Equals(b) || b.Equals(Dimension.Of(1L)) || a.IsAtLeast(2) || IsCut(b, a);

    /// <summary>
    /// Whether <paramref name="cut"/> is min(<paramref name="size"/>, n) with n of 2 or more, as when a table of n rows is cut
    /// to a length. It broadcasts with the size only if they are equal: a minimum of 1 means a size of 1.
    /// </summary>
    public static bool IsCut(Dimension cut, Dimension size)
    {
        if (cut.TryGetAtom() is not ChoiceAtom { Choice: Choice.Min } minimum || !minimum.Operands.Contains(size))
            return false;
        foreach (Dimension operand in minimum.Operands)
        {
            if (!operand.Equals(size) && !operand.IsAtLeast(2))
                return false;
        }

        return true;
    }
}
