using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification.Transposing;

/// <summary>Puts transposes of matrices into Gemm, which transposes while it reads; a MatMul becomes one, unless folding can transpose its weight.</summary>
internal static class GemmTransposes
{
    /// <summary>Folds the transposes before every Gemm, and before every MatMul of two matrices.</summary>
    /// <returns>The number of transposes.</returns>
    public static int Fold(Graph graph)
    {
        int changes = 0;
        foreach (Node node in graph.Nodes)
        {
            if (node.Is("Gemm") || (node.Is("MatMul") && node.Inputs.Count == 2 && CanBeGemm(node)))
                changes += Fold(node, 0, "transA") + Fold(node, 1, "transB");
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

    /// <summary>Whether both are matrices of a type that Gemm takes everywhere.</summary>
    private static bool CanBeGemm(Node node) => node.Inputs.All(i => i is { Shape.Rank: 2, ElementType: ElementType.Float or ElementType.Double });
}
