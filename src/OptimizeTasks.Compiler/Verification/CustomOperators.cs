using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Finds operators that ONNX Runtime does not bring along.</summary>
internal static class CustomOperators
{
    private static readonly HashSet<string> _knownDomains = new(StringComparer.Ordinal)
    {
        "", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft", "com.microsoft.nchwc",
    };

    /// <summary>The name of an operator that neither ONNX Runtime nor the model defines, or null.</summary>
    public static string? Find(Model model)
    {
        HashSet<(string, string)> functions = [.. model.Functions.Select(f => (f.Domain, f.Name))];
        return model.Graph.AllNodes()
            .Where(n => !_knownDomains.Contains(n.Domain) && !functions.Contains((n.Domain, n.OpType)))
            .Select(n => $"{n.Domain}.{n.OpType}")
            .FirstOrDefault();
    }
}
