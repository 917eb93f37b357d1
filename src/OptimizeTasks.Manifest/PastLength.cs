namespace OptimizeTasks.Manifest;

/// <summary>
/// Where the inputs say how many tokens came before: the dimension before the last of the first floating-point input of rank
/// 4 or more that is called a past or a cache, and not an encoder's (<c>past_key_values.0.key</c>: float[batch,heads,past,size]).
/// </summary>
/// <param name="Input">The input's number.</param>
/// <param name="Axis">The dimension.</param>
public readonly record struct PastLength(int Input, int Axis)
{
    private const int LeastRank = 4;
    private static readonly string[] s_names = ["past", "cache"];
    private static readonly string[] s_others = ["encoder", "cross"];

    /// <summary>The place among these inputs; null where there is no past.</summary>
    public static PastLength? Find(IReadOnlyList<ValueSignature> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Type is TensorSignature { ElementType: ElementType.Float or ElementType.Float16 or ElementType.BFloat16, Dimensions.Length: >= LeastRank and var rank }
                && Has(inputs[i].Name, s_names) && !Has(inputs[i].Name, s_others))
                return new PastLength(i, rank - 2);
        }

        return null;
    }

    private static bool Has(string name, string[] parts) => Array.Exists(parts, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
}
