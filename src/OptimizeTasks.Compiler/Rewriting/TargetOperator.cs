using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>An operator that a rule writes: whether a model, and those who will run it, can have it.</summary>
/// <param name="Name">The operator.</param>
internal abstract record TargetOperator(string Name)
{
    /// <summary>Why a model of this operator set cannot have the operator; null where it can.</summary>
    /// <param name="opset">The model's operator set.</param>
    /// <param name="options">What the user asked for.</param>
    public abstract string? Refuse(long opset, CompilerOptions options);

    /// <summary>Why the operator cannot compute with elements of this type; null where it can.</summary>
    /// <param name="type">The type of what it computes.</param>
    /// <param name="options">What the user asked for.</param>
    public virtual string? RefuseType(ElementType type, CompilerOptions options) => null;

    /// <summary>Why a model that can have the operator is better without it; null where it is not.</summary>
    /// <param name="options">What the user asked for.</param>
    public virtual string? RefuseGain(CompilerOptions options) => null;
}
