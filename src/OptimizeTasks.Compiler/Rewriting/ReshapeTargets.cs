using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Constant targets of <c>Reshape</c> for sizes that may be known at run time only.</summary>
internal static class ReshapeTargets
{
    /// <summary>
    /// The sizes as constants: 0 takes the size of the input at that place, one −1 what remains. Null where more is unknown,
    /// or a size is the number 0.
    /// </summary>
    /// <param name="input">The shape of what is reshaped.</param>
    /// <param name="sizes">The sizes that it gets; a constant −1 stands for itself.</param>
    public static long[]? Of(Shape input, IReadOnlyList<Dimension> sizes)
    {
        var target = new long[sizes.Count];
        int remaining = 0;
        for (int i = 0; i < target.Length; i++)
        {
            if (!sizes[i].TryGetValue(out target[i]))
                target[i] = i < input.Rank && sizes[i].Equals(input[i]) ? 0 : -1;
            else if (target[i] is 0 or < -1)
                return null;
            if (target[i] == -1 && ++remaining > 1)
                return null;
        }

        return target;
    }
}
