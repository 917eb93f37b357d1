using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Fusion;

/// <summary>What ONNX Runtime and the compiler make of one graph.</summary>
/// <param name="Name">The file without folder and extension.</param>
/// <param name="Before">The operators of the original.</param>
/// <param name="Theirs">Those of ONNX Runtime's graph; null where it refuses the original.</param>
/// <param name="Ours">Those of ours.</param>
internal sealed record FusionRow(string Name, IReadOnlyDictionary<string, int> Before, IReadOnlyDictionary<string, int>? Theirs, IReadOnlyDictionary<string, int> Ours)
{
    /// <summary>What fused operators compute, as the standard operator that the compiler raises to; others have none.</summary>
    private static readonly Dictionary<string, string> s_canonical = new()
    {
        ["Attention"] = "Attention",
        ["BiasGelu"] = "Gelu",
        ["EmbedLayerNormalization"] = "LayerNormalization",
        ["FastGelu"] = "Gelu",
        ["Gelu"] = "Gelu",
        ["LayerNormalization"] = "LayerNormalization",
        ["QuickGelu"] = "Swish",
        ["RMSNormalization"] = "RMSNormalization",
        // Theirs sees it inside of a LayerNormalization, and leaves the rest.
        ["SimplifiedLayerNormalization"] = "RMSNormalization",
        ["SkipLayerNormalization"] = "LayerNormalization",
    };

    /// <summary>Whether ours has every fused operator that theirs has, in no more nodes.</summary>
    public bool IsAsGood => Theirs is null || (Missing.Length == 0 && Ours.Values.Sum() <= Theirs.Values.Sum());

    /// <summary>The standard operators that theirs has more often.</summary>
    public string[] Missing => Theirs is null ? [] : [.. s_canonical.Values.Distinct().Where(c => Count(Theirs, c) > Count(Ours, c)
        && !(c == "RMSNormalization" && Count(Ours, "LayerNormalization") > Count(Theirs, "LayerNormalization")))];

    /// <summary>Compiles one graph, and lets ONNX Runtime optimise it.</summary>
    public static FusionRow Of(string name)
    {
        string path = SharedModels.Path(name);
        using Model original = ModelReader.Read(path);
        using CompilationResult result = new ModelCompiler(new CompilerOptions(), new InProcessRunner()).Compile(path);
        return new FusionRow(Path.GetFileNameWithoutExtension(name), original.Graph.CountOperators(), OptimizedByRuntime(path), result.OperatorsAfter);
    }

    /// <summary>Nodes before and after, and the operators that there are more of.</summary>
    public string Text(IReadOnlyDictionary<string, int>? after)
    {
        if (after is null)
            return "refused";
        string[] gained = [.. after.Where(p => p.Value > Before.GetValueOrDefault(p.Key)).Select(p => ShortName(p.Key) + Times(p.Value - Before.GetValueOrDefault(p.Key)))];
        return string.Create(CultureInfo.InvariantCulture, $"{after.Values.Sum()}{(gained.Length == 0 ? "" : ": ")}{string.Join(", ", gained)}");
    }

    private static SortedDictionary<string, int>? OptimizedByRuntime(string path)
    {
        using var folder = new TemporaryFolder();
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = folder["optimized.onnx"],
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            new InferenceSession(path, options).Dispose();
        }
        catch (OnnxRuntimeException)
        {
            return null;
        }

        using Model optimized = ModelReader.Read(folder["optimized.onnx"]);
        return optimized.Graph.CountOperators();
    }

    private static int Count(IReadOnlyDictionary<string, int> operators, string canonical) =>
        operators.Where(p => s_canonical.GetValueOrDefault(ShortName(p.Key)) == canonical).Sum(p => p.Value);

    private static string ShortName(string opType) => opType[(opType.LastIndexOf('.') + 1)..];

    private static string Times(int count) => count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" × {count}");
}
