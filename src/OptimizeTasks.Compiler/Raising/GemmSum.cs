using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>α·A·B + C, where C does not make the product larger: Gemm-13 adds it itself.</summary>
internal sealed class GemmSum : Rule
{
    private readonly Pattern _a = Any();
    private readonly Pattern _b = Any();
    private readonly Pattern _c = Any();
    private readonly Pattern _product;

    public GemmSum()
    {
        _product = Op("Gemm", _a, _b);
        Formulas = [_product + _c, Op("Sum", _product, _c), Op("Sum", _c, _product)];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.Gemm;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match) => match[_product].Shape is { } product && match[_c].Shape is { } added && Broadcasting.Shape([product, added])!.SequenceEqual(product)
        ? null : $"'{match[_c].Name}' may have more elements than the product";

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) =>
        patch.Apply("Gemm", [match[_a], match[_b], match[_c]], match[_product].Producer!.Attributes.Where(a => a.Name != "beta"));
}
