namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators of the domain of classic machine learning.</summary>
internal static class ClassicTypes
{
    private const string Domain = "ai.onnx.ml";

    public static void Register(OperatorTable table)
    {
        table.AddTo(Domain, LabelEncoder, "LabelEncoder");
        table.AddTo(Domain, ElementwiseTypes.SameAsFirst, "Binarizer", "Imputer");
        table.AddTo(Domain, node => node.Set(0, ElementType.Float, node.ShapeOf(0)), "Normalizer", "Scaler");
    }

    /// <summary>Maps labels one by one; which attribute holds the values says their type.</summary>
    private static void LabelEncoder(NodeInference node)
    {
        ElementType type = ElementType.Undefined;
        foreach (NodeAttribute attribute in node.Node.Attributes)
        {
            type = attribute switch
            {
                StringsAttribute { Name: "values_strings" } => ElementType.String,
                IntsAttribute { Name: "values_int64s" } => ElementType.Int64,
                FloatsAttribute { Name: "values_floats" } => ElementType.Float,
                TensorAttribute { Name: "values_tensor" } tensor => tensor.Value.ElementType,
                // Version 1: between texts and their numbers, either way.
                StringsAttribute { Name: "classes_strings" } => node.TypeOf(0) == ElementType.String ? ElementType.Int64 : ElementType.String,
                _ => type,
            };
        }

        node.Set(0, type, node.ShapeOf(0));
    }
}
