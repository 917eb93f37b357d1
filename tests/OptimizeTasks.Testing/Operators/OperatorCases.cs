using System.Collections.Immutable;
using System.Reflection;

namespace OptimizeTasks.Testing.Operators;

/// <summary>
/// The catalogue: cases for every operator of ONNX's own domain and for those of ONNX Runtime's that the compiler meets, in
/// every version that ONNX Runtime runs. The files of the folder Catalogue, and what needs graphs inside.
/// </summary>
public static class OperatorCases
{
    /// <summary>The oldest operator set that ONNX Runtime promises to run.</summary>
    public const int OldestOpset = 7;

    /// <summary>The newest operator set that ONNX Runtime 1.29 runs.</summary>
    public const int NewestOpset = 26;

    /// <summary>The version of ONNX's own domain around operators of other domains.</summary>
    public const int OpsetAround = 21;

    /// <summary>All cases, in order.</summary>
    public static ImmutableArray<OperatorCase> All { get; } = [.. Files().SelectMany(CaseReader.Read), .. ControlFlowCases.All];

    /// <summary>All operators, each once.</summary>
    public static ImmutableArray<OperatorHeading> Operators { get; } = [.. All.Select(c => c.Heading).DistinctBy(h => h.Name)];

    /// <summary>The version of the file format for an operator set.</summary>
    public static int IrVersionOf(long opset) => opset switch
    {
        <= 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };

    private static IEnumerable<string> Files()
    {
        Assembly assembly = typeof(OperatorCases).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }
}
