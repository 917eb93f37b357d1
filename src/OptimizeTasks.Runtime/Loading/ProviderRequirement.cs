using System.Collections.Frozen;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>Whether the provider that was required runs the model.</summary>
internal static class ProviderRequirement
{
    // ONNX Runtime keeps the computation of shapes on the processor even where a GPU could do it. Nothing here does a model's
    // real work; that it works on shapes cannot be seen from the assignment.
    private static readonly FrozenSet<string> s_shapeOperators = FrozenSet.ToFrozenSet(
    [
        "Add", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Div", "Equal", "Expand", "Flatten", "Floor", "Gather", "Greater", "Identity", "Less", "Max", "Min",
        "Mod", "Mul", "Neg", "Range", "ReduceProd", "Reshape", "Shape", "Size", "Slice", "Split", "Squeeze", "Sub", "Unsqueeze", "Where",
    ], StringComparer.Ordinal);

    /// <summary>Checks it.</summary>
    /// <exception cref="ProviderException">It does not run everything but the computation of shapes, or nothing is known.</exception>
    public static void Check(Provider provider, Placement placement)
    {
        if (!placement.IsKnown)
            throw new ProviderException(provider.Name, $"{provider.Name} is required, and this version of ONNX Runtime does not say what runs where: 1.24 or later is needed");
        if (placement.NodesOn(provider.Name) == 0)
            throw new ProviderException(provider.Name, $"{provider.Name} is required and runs nothing of the model: {placement}");
        var others = placement.Shares
            .Where(share => share.Provider != provider.Name)
            .SelectMany(share => share.Operators.Where(entry => share.Provider != Provider.Cpu.Name || !s_shapeOperators.Contains(entry.Key))
                .Select(entry => $"{entry.Key} ({entry.Value} on {share.Provider})"))
            .ToList();
        if (others.Count > 0)
            throw new ProviderException(provider.Name, $"{provider.Name} is required and does not run {string.Join(", ", others)}: {placement}");
    }
}
