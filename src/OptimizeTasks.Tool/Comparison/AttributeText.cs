using System.Globalization;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Inspection;

namespace OptimizeTasks.Tool.Comparison;

/// <summary>Attributes as text. Two that differ mostly have different texts: of tensors and subgraphs only the size is said.</summary>
internal static class AttributeText
{
    private const int MostValues = 32;

    public static string Of(NodeAttribute? attribute) => attribute switch
    {
        null => "",
        FloatAttribute a => Number(a.Value),
        IntAttribute a => Number(a.Value),
        StringAttribute a => a.Value,
        FloatsAttribute a => List(a.Values, Number),
        IntsAttribute a => List(a.Values, value => Number(value)),
        StringsAttribute a => List(a.Values, value => System.Text.Encoding.UTF8.GetString(value.Span)),
        TensorAttribute a => Tensor(a.Value),
        TensorsAttribute a => List(a.Values, Tensor),
        GraphAttribute a => Graph(a.Value),
        GraphsAttribute a => List(a.Values, Graph),
        TypeAttribute a => TypeText.Of(a.Value),
        _ => attribute.Kind.ToString(),
    };

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Number(float number) => Number((IFormattable)number);

    private static string Tensor(Tensor tensor) => TypeText.Of(new TensorType(tensor.ElementType, tensor.Shape));

    private static string Graph(Graph graph) => string.Create(CultureInfo.InvariantCulture, $"{graph.NodeCount} nodes");

    private static string List<T>(IReadOnlyCollection<T> values, Func<T, string> text) =>
        $"[{string.Join(", ", values.Take(MostValues).Select(text))}{(values.Count > MostValues ? string.Create(CultureInfo.InvariantCulture, $", … {values.Count}") : "")}]";
}
