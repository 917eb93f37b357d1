using OptimizeTasks.Onnx.Shapes;

namespace OptimizeTasks.Onnx;

/// <summary>What <see cref="ShapeInference"/> found besides types.</summary>
public sealed class ShapeFacts
{
    private readonly GraphInference _inference;

    internal ShapeFacts(GraphInference inference) => _inference = inference;

    /// <summary>Values whose declared type contradicts the inferred one, which took its place; in graph order.</summary>
    public IReadOnlyList<ShapeConflict> Conflicts => _inference.Conflicts;

    /// <summary>
    /// The elements of a small tensor, row-major, as far as they follow from shapes and constants; null where the tensor was
    /// not followed: it has more than 64 elements, fractions, or comes from data. An element that is not known is unknown;
    /// Boolean elements are 0 and 1.
    /// </summary>
    public IReadOnlyList<Dimension>? ValueOf(Value value) => _inference.Tracked(value)?.Elements;

    /// <summary>Infers the outputs of one node that was added or changed since, from what is known of its inputs.</summary>
    public void Update(Node node) => _inference.Infer(node);
}

/// <summary>A declared type that inference found to be wrong.</summary>
public sealed record ShapeConflict(Value Value, OnnxType Declared, OnnxType Inferred);
