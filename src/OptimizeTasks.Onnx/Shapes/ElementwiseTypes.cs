namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Operators that work on elements one by one, with or without broadcasting.</summary>
internal static class ElementwiseTypes
{
    public static void Register(OperatorTable table)
    {
        table.Add(
            SameAsFirst,
            "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Clip", "Cos", "Cosh", "CumSum", "CumProd",
            "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log", "Mish", "Neg", "Not", "PRelu",
            "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish",
            "Tan", "Tanh", "ThresholdedRelu", "Affine", "ImageScaler", "ParametricSoftplus", "Scale", "ScaledTanh");
        table.Add(
            Broadcast,
            "Add", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow", "Sub", "Sum", "StringConcat");
        table.Add(BroadcastToBool, "And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor");
        table.Add(FirstToBool, "IsInf", "IsNaN", "RegexFullMatch");
        table.Add(node => node.Set(0, node.TypeOf(1), Broadcasting.OfInputs(node)), "Where");
        table.Add(Cast, "Cast");
        table.Add(node => node.Set(0, node.TypeOf(1), node.ShapeOf(0)), "CastLike");
        table.Add(BitCast, "BitCast");
        table.Add(Dropout, "Dropout");
        table.Add(node => node.Set(0, TypeOr(node, "dtype", node.TypeOf(0)), node.ShapeOf(0)), "Bernoulli", "EyeLike", "RandomNormalLike", "RandomUniformLike");
    }

    /// <summary>The output is like the first input, whatever type that is.</summary>
    public static void SameAsFirst(NodeInference node) => node.Set(0, node.Node.Input(0)?.Type);

    /// <summary>The inputs' common shape; the first input's type.</summary>
    public static void Broadcast(NodeInference node) => node.Set(0, node.TypeOf(0), Broadcasting.OfInputs(node));

    /// <summary>The element type in an attribute, or another.</summary>
    public static ElementType TypeOr(NodeInference node, string attribute, ElementType otherwise)
    {
        var type = (ElementType)node.Node.IntAttribute(attribute);
        return type.IsKnown() ? type : otherwise;
    }

    private static void BroadcastToBool(NodeInference node) => node.Set(0, ElementType.Bool, Broadcasting.OfInputs(node));

    private static void FirstToBool(NodeInference node) => node.Set(0, ElementType.Bool, node.ShapeOf(0));

    private static void Cast(NodeInference node) => node.Set(0, TypeOr(node, "to", ElementType.Undefined), node.ShapeOf(0));

    private static void BitCast(NodeInference node)
    {
        ElementType to = TypeOr(node, "to", ElementType.Undefined);
        ElementType from = node.TypeOf(0);
        node.Set(0, to, to.BitWidth() == (from.IsKnown() ? from.BitWidth() : -1) ? node.ShapeOf(0) : null);
    }

    private static void Dropout(NodeInference node)
    {
        node.Set(0, node.TypeOf(0), node.ShapeOf(0));
        node.Set(1, node.Opset >= 10 ? ElementType.Bool : node.TypeOf(0), node.ShapeOf(0));
    }
}
