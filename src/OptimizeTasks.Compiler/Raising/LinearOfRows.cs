using System.Collections.Immutable;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Rewriting.Patterns.Formula;

namespace OptimizeTasks.Compiler.Raising;

/// <summary>
/// A linear layer as Gemm of rows, put back into the shape that the rows came from: MatMul takes that shape itself, and what
/// follows sees the bias.
/// </summary>
internal sealed class LinearOfRows : Rule
{
    private readonly Pattern _x = Any();
    private readonly Pattern _weight = Any();
    private readonly Pattern _bias = Any();
    private readonly Pattern _gemm;

    public LinearOfRows()
    {
        Pattern rows = new OperatorPattern("Reshape", [_x, Any()]) { IsShareable = true };
        _gemm = Gemm(rows, _weight, _bias) | Gemm(rows, _weight);
        Formulas = [Op("Reshape", _gemm, Any())];
    }

    /// <inheritdoc/>
    public override CanonicalOperator Result => CanonicalOperator.MatMul;

    /// <inheritdoc/>
    public override ImmutableArray<Pattern> Formulas { get; }

    /// <inheritdoc/>
    public override string? Refuse(Match match)
    {
        Value x = match[_x], result = match.Root.Output;
        if (result.Shape is not { Rank: > 2 } shape || x.Shape is not { } given || match[_gemm].Shape is not { Rank: 2 } product || !shape[^1].Equals(product[1]))
            return $"'{result.Name}' is not known to have the columns of the product";
        int rows = shape.Rank - 1;
        if (given.Rank <= rows || !given.Take(rows).SequenceEqual(shape.Take(rows)) || Columns(given, rows) is not { } columns || !match[_gemm].Producer!.Inputs[0]!.Shape![1].Equals(Dimension.Of(columns)))
            return $"'{result.Name}' is not known to have the rows of '{x.Name}'";
        if (match.Find(_bias) is { Shape: not { Rank: <= 1 } } bias)
            return $"the bias '{bias.Name}' may be a matrix";
        return IsTransposed(match) && !match[_weight].CanTranspose(2) ? $"'{match[_weight].Name}' is transposed, and no small constant of its own" : null;
    }

    /// <inheritdoc/>
    public override Value? Put(Match match, Patch patch)
    {
        Value x = match[_x], weight = match[_weight];
        int rows = match.Root.Output.Shape!.Rank - 1;
        if (x.Shape!.Rank > rows + 1)
            x = patch.Apply("Reshape", [x, patch.Constant("shape", Tensor.OfInt64([.. Enumerable.Repeat(0L, rows), Columns(x.Shape, rows)!.Value]))]);
        if (IsTransposed(match))
            weight = patch.Constant("weight", TransposedConstants.Create(weight.Constant!, Permutation.Of([1, 0])!));
        Value product = patch.Apply("MatMul", [x, weight]);
        return match.Find(_bias) is { } bias ? patch.Apply("Add", [product, bias]) : product;
    }

    private static OperatorPattern Gemm(params ImmutableArray<Pattern> inputs) => new("Gemm", inputs) { Condition = RefuseGemm };

    private bool IsTransposed(Match match) => match[_gemm].Producer!.IntAttribute("transB") != 0;

    /// <summary>How many elements a row has; null where that is not known, or none.</summary>
    private static long? Columns(Shape shape, int rows)
    {
        long columns = 1;
        foreach (Dimension dimension in shape.Skip(rows))
        {
            if (!dimension.TryGetValue(out long size) || size == 0)
                return null;
            columns *= size;
        }

        return columns;
    }

    private static string? RefuseGemm(Node gemm) =>
        gemm.FloatAttribute("alpha", 1) == 1 && gemm.FloatAttribute("beta", 1) == 1 && gemm.IntAttribute("transA") == 0 ? null : "scales, or transposes the rows";
}
