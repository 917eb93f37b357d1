using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>
/// Arithmetic on constants of one number each, as in a scale that is computed from a size: no engine has to start for it.
/// Only what IEEE 754 defines to the last bit.
/// </summary>
internal static class NumberArithmetic
{
    /// <summary>The node's output, or null where this is something else.</summary>
    public static Tensor? Compute(Node node)
    {
        if (node.Domain.Length > 0 || node.Inputs.Count is 0 or > 2 || node.Outputs is not [{ IsOutput: false }] || Compute(node, node.Inputs) is not { } number)
            return null;
        int rank = node.Inputs.Max(i => i!.Constant!.Rank);
        return Tensor.Create(ElementType.Float, [.. Enumerable.Repeat(1L, rank)], [number]);
    }

    private static float? Compute(Node node, IReadOnlyList<Value?> inputs)
    {
        if (node.OpType == "Cast")
            return node.IntAttribute("to") == (long)ElementType.Float ? AsFloat(inputs[0]) : null;
        if (inputs.Any(i => i?.Constant?.ElementType != ElementType.Float) || AsFloat(inputs[0]) is not { } a || AsFloat(inputs[^1]) is not { } b)
            return null;
        return (node.OpType, inputs.Count) switch
        {
            ("Sqrt", 1) => MathF.Sqrt(a),
            ("Reciprocal", 1) => 1 / a,
            ("Neg", 1) => -a,
            ("Add", 2) => a + b,
            ("Sub", 2) => a - b,
            ("Mul", 2) => a * b,
            ("Div", 2) => a / b,
            _ => null,
        };
    }

    private static float? AsFloat(Value? value) => value?.Constant switch
    {
        { ElementType: ElementType.Float, ElementCount: 1 } t => t.Read<float>()[0],
        { ElementType: ElementType.Int64, ElementCount: 1 } t => t.Read<long>()[0],
        { ElementType: ElementType.Int32, ElementCount: 1 } t => t.Read<int>()[0],
        _ => null,
    };
}
