using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting.Patterns;

/// <summary>Sizes at run time.</summary>
internal static class InputSizes
{
    /// <summary>A size as a vector of one element: from an input of the model that has it, so that all layers use one; else from the value itself.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="size">The size.</param>
    /// <param name="value">A value that has it.</param>
    /// <param name="valueAxis">Where.</param>
    public static Value SizeFromInput(this Patch patch, Dimension size, Value value, int valueAxis)
    {
        if (size.TryGetValue(out long number))
            return patch.Constant("size", Tensor.OfInt64(number));
        foreach (Value input in patch.Graph.Root().Inputs)
        {
            for (int axis = 0; axis < (input.Shape?.Rank ?? 0); axis++)
            {
                if (input.Shape![axis].Equals(size))
                    return SizeOf(patch, input, axis);
            }
        }

        return SizeOf(patch, value, valueAxis);
    }

    private static Value SizeOf(Patch patch, Value value, int axis) => patch.Apply("Shape", [value], new IntAttribute("start", axis), new IntAttribute("end", axis + 1));
}
