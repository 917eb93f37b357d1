using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Fusion;

/// <summary>Holds docs/fusion.md; the variable <c>OPTIMIZETASKS_RECORD_FUSION=1</c> writes it.</summary>
public class FusionTableTests
{
    private static readonly Lazy<FusionRow[]> s_rows = new(() => [.. SharedModels.Fusion.Select(FusionRow.Of)]);

    [SharedModelFact]
    public void The_page_is_what_the_compiler_does()
    {
        string page = FusionPage.Of(s_rows.Value);
        if (Environment.GetEnvironmentVariable("OPTIMIZETASKS_RECORD_FUSION") == "1")
            File.WriteAllText(FusionPage.Path, page);

        Assert.Equal(page, File.ReadAllText(FusionPage.Path).ReplaceLineEndings("\n"));
    }

    [SharedModelFact]
    public void Where_the_runtime_fuses_more_the_page_says_why() =>
        Assert.Empty(s_rows.Value.Where(r => !r.IsAsGood && FusionPage.Reason(r) is null).Select(r => $"{r.Name}: theirs {r.Text(r.Theirs)}, ours {r.Text(r.Ours)}"));

    /// <summary>Graphs whose names say that nothing may fuse, with the operator that would vanish.</summary>
    [SharedModelTheory]
    [InlineData("gelu_format2_0_with_bias_use_graph_output", "Erf")]
    [InlineData("gemm_sum_no_fusion_c_used", "Sum")]
    [InlineData("gemm_sum_no_fusion_sum_multiple_inputs", "Sum")]
    [InlineData("negative-fuse-conv-add-no-bias", "Add")]
    [InlineData("transpose_matmul_4d_fusion_invalid_datatype_int32", "Transpose")]
    [InlineData("transpose_matmul_4d_fusion_invalid_default_perm", "Transpose")]
    [InlineData("transpose_matmul_trans_batch_fusion_invalid_case2", "Transpose")]
    public void Nothing_fuses_where_the_name_says_so(string name, string kept)
    {
        FusionRow row = s_rows.Value.Single(r => r.Name == name);
        Assert.Equal(row.Before[kept], row.Ours.GetValueOrDefault(kept));
    }
}
