using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>x · ½ · (1 + erf(x / √2)), and its approximation by tanh (Hendrycks and Gimpel, 2016): Gelu-20.</summary>
internal sealed class Gelu : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _tanh;

    public Gelu()
    {
        Pattern erf = Erf(Product(_x, 1 / Math.Sqrt(2)));
        Pattern cubic = (_x + Product(0.044715, Cube(_x)));
        Pattern slope = Math.Sqrt(2 / Math.PI);
        _tanh = Tanh(Product(slope, cubic) | Product(slope, _x, 1 + (Product(0.044715, Square(_x)) | Product(0.044715, _x, _x))));
        Formulas = [Product(_x, 0.5, 1 + erf), Product(_x, 0.5, 1 + _tanh)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Gelu;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply("Gelu", [match[_x]],
        match.Has(_tanh) ? [new StringAttribute("approximate", "tanh")] : Array.Empty<NodeAttribute>());
}
