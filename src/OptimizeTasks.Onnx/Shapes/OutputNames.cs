namespace OptimizeTasks.Onnx.Shapes;

/// <summary>
/// Keeps the names that a model gives the sizes of its outputs. A symbol that no input has is another name of the inferred
/// expression, and it belongs to the model's signature.
/// </summary>
internal static class OutputNames
{
    public static void Keep(Graph graph, IReadOnlyList<OnnxType?> declared)
    {
        var names = new Dictionary<string, Dimension>(StringComparer.Ordinal);
        foreach (string symbol in graph.Inputs.SelectMany(i => i.Shape ?? Shape.Scalar).SelectMany(d => d.Symbols))
            names[symbol] = Dimension.OfSymbol(symbol);

        for (int i = 0; i < declared.Count; i++)
        {
            Value output = graph.Outputs[i];
            if (declared[i] is TensorType { Shape: { } old } && output.Type is TensorType { Shape: { } shape } type && old.Rank == shape.Rank && output.Producer is not null)
                output.Type = type with { Shape = new Shape(shape.Zip(old, (inferred, name) => KeepName(inferred, name, names))) };
        }
    }

    /// <summary>One name stands for one expression: the first that has it.</summary>
    private static Dimension KeepName(Dimension inferred, Dimension declared, Dictionary<string, Dimension> names)
    {
        if (inferred.IsConstant || declared.Symbol is not { } name)
            return inferred;
        names.TryAdd(name, inferred);
        return names[name].Equals(inferred) ? declared : inferred;
    }
}
