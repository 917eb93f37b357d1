using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Lowering.Fusions;

/// <summary>A product of matrices that are transposed before it, or that is scaled behind it. (Transposes and scales of constants are in the constants by now.)</summary>
internal sealed class FusedMatMul : Rule
{
    private readonly Pattern _a = Any(RefuseOperand);
    private readonly Pattern _b = Any(RefuseOperand);
    private readonly Pattern _turnedA = Any(RefuseTurned);
    private readonly Pattern _turnedB = Any(RefuseTurned);
    private readonly Pattern _factor = Scalar();
    private readonly Pattern _divisor = Scalar();
    private readonly Pattern _scaled;

    public FusedMatMul()
    {
        Pattern a = Op("Transpose", RefuseTranspose, _turnedA), b = Op("Transpose", RefuseTranspose, _turnedB);
        _scaled = Op("MatMul", a | _a, b | _b);
        Formulas = [_scaled * _factor, _scaled / _divisor, Op("MatMul", a, b | _b), Op("MatMul", _a, b)];
    }

    /// <inheritdoc/>
    public override TargetOperator Result => KernelTable.FusedMatMul;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        if ((match.Find(_factor) ?? match.Find(_divisor)) is not { } number)
            return null;
        if (number.Constant!.Rank > match[_scaled].Shape!.Rank)
            return $"'{number.Name}' has more axes than the product";
        // Products by zero need not be computed by the kernel, which loses NaN, and subnormal numbers are rounded to few bits.
        return float.IsNormal(Alpha(match)) ? null : $"the scale '{number.Name}' is no normal number";
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch) => patch.Apply(KernelTable.FusedMatMul, [match.Find(_turnedA) ?? match[_a], match.Find(_turnedB) ?? match[_b]],
        new IntAttribute("transA", match.Has(_turnedA) ? 1 : 0),
        new IntAttribute("transB", match.Has(_turnedB) ? 1 : 0),
        new FloatAttribute("alpha", Alpha(match)));

    /// <summary>What the product is multiplied by.</summary>
    private float Alpha(Match match) => (float)(match.Find(_factor)?.Scalar() ?? (1 / match.Find(_divisor)?.Scalar()) ?? 1);

    private static string? RefuseTurned(Value value) => value.Constant is null ? RefuseOperand(value) : "is a constant";

    private static string? RefuseOperand(Value value)
    {
        if (value.Shape is not { Rank: >= 2 })
            return "is not known to have two axes";
        return value.Producer?.Is("DequantizeLinear") == true ? "is quantised, which has other kernels" : null;
    }

    private static string? RefuseTranspose(Node node) => Permutation.Of(node) is { ExchangesLastAxes: true } ? null : "does not exchange the last two axes alone";
}
