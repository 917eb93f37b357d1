namespace OptimizeTasks.Tool.Samples;

/// <summary>Where the samples are in an array that holds many.</summary>
/// <param name="Count">The number of samples; null where the array is a scalar that all samples share.</param>
/// <param name="Shape">The shape of the input in one sample.</param>
internal readonly record struct SampleLayout(long? Count, long[] Shape)
{
    /// <summary>
    /// The layout of an array: with one dimension more than the input, every slice is a sample; with as many, the first
    /// dimension is the batch, and a sample is one row, or as many as the model demands.
    /// </summary>
    /// <exception cref="InvalidDataException">The array does not fit.</exception>
    public static SampleLayout Of(SampleInput input, string array, long[] shape)
    {
        int? rank = input.Dimensions?.Length;
        if (rank is null)
            return new SampleLayout(1, shape);
        SampleLayout layout = (shape.Length - rank) switch
        {
            1 => new SampleLayout(shape[0], shape[1..]),
            0 when rank == 0 => new SampleLayout(null, shape),
            0 => Rows(input, array, shape),
            _ => throw Unfit(),
        };
        if (!input.Takes(layout.Shape))
            throw Unfit();
        return layout.Count == 0 ? throw new InvalidDataException($"The array '{array}' is empty") : layout;

        InvalidDataException Unfit() => new($"The array '{array}' of the shape [{string.Join(", ", shape)}] holds no samples for the input {input}");
    }

    private static SampleLayout Rows(SampleInput input, string array, long[] shape) => input.Rows > 0 && shape[0] % input.Rows == 0
        ? new SampleLayout(shape[0] / input.Rows, [input.Rows, .. shape[1..]])
        : throw new InvalidDataException($"The array '{array}' has {shape[0]} rows, and the model takes {input.Rows} at a time");
}
