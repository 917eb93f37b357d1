using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>What error the types in which a model computes make unavoidable.</summary>
internal static class Precision
{
    /// <summary>
    /// Unit roundoffs that an output may be off: another order of the same operations rounds differently in every one of
    /// them, and the errors add up.
    /// </summary>
    private const int Roundoffs = 8;

    /// <summary>The relative error to allow at least for any output of this model; 0 where it computes in float32 and wider.</summary>
    public static double Of(Graph graph) => TypesIn(graph).Select(Of).DefaultIfEmpty().Max();

    /// <summary>The relative error to allow for what is computed in this type.</summary>
    public static double Of(ElementType type) => type switch
    {
        ElementType.Float16 => Roundoffs * Math.Pow(2, -11),
        ElementType.BFloat16 => Roundoffs * Math.Pow(2, -8),
        _ => 0,
    };

    /// <summary>Whether something in this model is of the type.</summary>
    public static bool Has(Graph graph, ElementType type) => TypesIn(graph).Contains(type);

    /// <summary>The types that the file names: intermediate values in a type come from a value or a cast of that type.</summary>
    private static IEnumerable<ElementType> TypesIn(Graph graph)
    {
        foreach (Value value in graph.Values)
            yield return value.ElementType;
        foreach (Node node in graph.AllNodes())
        {
            if (node.Is("Cast"))
                yield return (ElementType)node.IntAttribute("to");
            foreach (NodeAttribute attribute in node.Attributes)
            {
                if (attribute is TensorAttribute tensor)
                    yield return tensor.Value.ElementType;
            }
        }
    }
}
