using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Puts transposes of matrices into Gemm, which transposes while it reads; a MatMul becomes one, unless folding can transpose its weight.</summary>
internal static class GemmTransposes
{
    /// <summary>Folds the transposes before every Gemm and behind it, and before every MatMul of two matrices.</summary>
    /// <returns>The number of transposes.</returns>
    public static int Fold(Graph graph)
    {
        int changes = 0;
        foreach (Node node in graph.Nodes)
        {
            if (node.Is("Gemm") || (node.Is("MatMul") && node.Inputs.Count == 2 && CanBeGemm(node)))
                changes += Fold(node, 0, "transA") + Fold(node, 1, "transB");
            if (node.Is("Transpose") && TryReverse(node))
                changes++;
        }

        return changes;
    }

    private static int Fold(Node node, int input, string attribute)
    {
        if (node.Input(input) is not { OutputIndex: 0, Producer: { } transpose } || Permutation.Of(transpose) is not { Rank: 2, IsIdentity: false }
            || (node.OpType == "MatMul" && transpose.Input(0)?.Constant is not null))
            return 0;
        node.OpType = "Gemm";
        node.SetAttribute(new IntAttribute(attribute, 1 - node.IntAttribute(attribute)));
        node.SetInput(input, transpose.Inputs[0]);
        return 1;
    }

    /// <summary>(A·B)ᵀ = Bᵀ·Aᵀ. A weight stays where it is: there ONNX Runtime lays it out once.</summary>
    private static bool TryReverse(Node transpose)
    {
        if (transpose.Input(0) is not { IsOutput: false, Uses.Count: 1, Producer: { } gemm } product || !gemm.Is("Gemm") || gemm.Input(2) is not null
            || Permutation.Of(transpose) is not { Rank: 2, IsIdentity: false } || gemm.Inputs[0]!.Constant is not null || gemm.Inputs[1]!.Constant is not null
            || !transpose.TryReplaceBy(product))
            return false;
        Value first = gemm.Inputs[0]!;
        gemm.SetInput(0, gemm.Inputs[1]);
        gemm.SetInput(1, first);
        long transposed = gemm.IntAttribute("transA");
        gemm.SetAttribute(new IntAttribute("transA", 1 - gemm.IntAttribute("transB")));
        gemm.SetAttribute(new IntAttribute("transB", 1 - transposed));
        product.Type = null;
        return true;
    }

    /// <summary>Whether both are matrices of a type that Gemm takes everywhere.</summary>
    private static bool CanBeGemm(Node node) => node.Inputs.All(i => i is { Shape.Rank: 2, ElementType: ElementType.Float or ElementType.Double });
}
