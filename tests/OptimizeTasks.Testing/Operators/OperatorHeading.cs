namespace OptimizeTasks.Testing.Operators;

/// <summary>An operator and the versions of its domain in which it came or changed.</summary>
/// <param name="Domain">The domain; empty for ONNX's own.</param>
/// <param name="OpType">The operator's name in the domain.</param>
/// <param name="Versions">The versions, ascending; all that are in force in operator set 7 or later.</param>
/// <param name="WithoutKernel">The versions for which ONNX Runtime 1.29 has no kernel on the CPU.</param>
/// <param name="IsRandom">Whether two runs give different values.</param>
public sealed record OperatorHeading(string Domain, string OpType, IReadOnlyList<int> Versions, IReadOnlyList<int> WithoutKernel, bool IsRandom)
{
    /// <summary>For instance <c>com.microsoft.Gelu</c>.</summary>
    public string Name => Domain.Length == 0 ? OpType : $"{Domain}.{OpType}";
}
