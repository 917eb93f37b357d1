using System.Globalization;
using System.Text;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Fusion;

/// <summary>docs/fusion.md: what ONNX Runtime and the compiler make of its own test graphs, and why ours is not smaller where it is not.</summary>
internal static class FusionPage
{
    private const string Kernel = "the same with a kernel that Lower chooses where it gains";
    private const string Quantized = "kernels for quantised products: Lower chooses them";
    private const string Runtime = "left to ONNX Runtime, which does it while it loads a model";
    private const string Sum = "the same operator, and the Add that theirs has inside: " + Kernel;
    private const string Embedding = "LayerNormalization, and the embeddings that theirs has inside: " + Kernel;
    private const string Padded = "forbidden keys at −10000 weigh as much as padded ones where a query may see padded keys alone: Attention cannot say that, and theirs gives such queries other results";
    private const string KnownOutput = "an output whose value is known stays a node";

    /// <summary>Why ours has more nodes, or lacks an operator, by the beginning of the name.</summary>
    private static readonly Dictionary<string, string> s_reasons = new()
    {
        ["attention_past_unidir"] = Padded,
        ["attention_symbolic_batch"] = "the same operator, the products and the mask that theirs has inside: " + Kernel,
        ["bias_dropout_residual_fusion2"] = "Dropout in training is random; theirs takes it away",
        ["bias_gelu"] = Sum,
        ["bias_onnx_fast_gelu"] = Sum,
        ["constant_folding_qdq_node_unit"] = Quantized,
        ["conv_add_fp16"] = "theirs computes in float32 what the model computes in float16",
        ["conv_"] = Runtime,
        ["dynamic_quantize_matmul"] = Quantized,
        ["embed_layer_norm"] = Embedding,
        ["gpt2_past_mask_one_layer"] = Padded,
        ["label_encoder"] = "tables of `ai.onnx.ml`, which networks do not have",
        ["layer_norm"] = "nothing says that the scale has the size of what is normalised; theirs takes it for granted",
        ["matmul_scale"] = "scales before a product: Lower takes in the one behind it",
        ["matmul_scale_transposescalematmul"] = "scales around a product that is ONNX Runtime's own already",
        ["reshape_fusion_concat_subgraph_multiple_outputs"] = KnownOutput,
        ["reshape_fusion_distillbert"] = "MatMul and Add as Gemm: " + Kernel,
        ["reshape_fusion_internal_node_is_graph_output"] = KnownOutput,
        ["skip_layer_norm"] = Sum,
        ["transpose_matmul_4d_fusion_2_transpose"] = "a Transpose before each operand is one behind the product",
        ["transpose_matmul_trans_batch"] = "a Transpose that moves the batch: Lower takes in those of the last two axes",
    };

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "docs", "fusion.md");

    /// <summary>Why a row is not as good as ONNX Runtime's; null where nothing is known.</summary>
    public static string? Reason(FusionRow row) =>
        s_reasons.Where(r => row.Name.StartsWith(r.Key, StringComparison.Ordinal)).MaxBy(r => r.Key.Length).Value;

    /// <summary>The page.</summary>
    public static string Of(IReadOnlyList<FusionRow> rows)
    {
        var text = new StringBuilder();
        text.Append("""
            # Fusion, beside ONNX Runtime's

            The graphs that ONNX Runtime tests its own fusions with, 119 files. For each: its nodes, those that ONNX Runtime 1.29 leaves at `ORT_ENABLE_EXTENDED`, and those that the compiler leaves, with the operators that there are more of than before. Where ours has more nodes, or lacks an operator that theirs has, the last column says why. Every result that can be compared is the original's (`SharedModelTests`).


            """.ReplaceLineEndings("\n"));
        text.Append(CultureInfo.InvariantCulture, $"Of {rows.Count} files, ours is as small or smaller in {rows.Count(r => r.IsAsGood)}, and has every normalisation, activation and attention that theirs has in {rows.Count(r => r.Missing.Length == 0)}. `OPTIMIZETASKS_RECORD_FUSION=1 dotnet test tests/OptimizeTasks.Compiler.Tests --filter FusionTableTests` writes this page.\n\n");
        text.Append("| file | nodes | theirs | ours | why |\n| --- | --- | --- | --- | --- |\n");
        foreach (FusionRow row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| `{row.Name}` | {row.Before.Values.Sum()} | {row.Text(row.Theirs)} | {row.Text(row.Ours)} | {(row.IsAsGood ? "" : Reason(row))} |\n");
        return text.ToString();
    }
}
