namespace OptimizeTasks.Manifest.Tests;

public sealed class SignatureHashTests
{
    private static readonly Signature s_signature = SampleManifest.Signature;

    [Fact]
    public void The_hash_is_the_same_in_every_version() =>
        Assert.Equal("sha256:3a85a291cef4d5e3038dfb89bf9a9348e2755685ea82fb67ea63bcac0a3c1170", s_signature.Hash);

    [Fact]
    public void Documentation_and_states_leave_it_unchanged()
    {
        Signature other = s_signature with
        {
            Inputs = [s_signature.Inputs[0] with { DocString = "other" }, s_signature.Inputs[1]],
            Description = new() { ProducerName = "other" },
            States = [new("input_ids", "scores")],
        };

        Assert.Equal(s_signature.Hash, other.Hash);
    }

    public static TheoryData<string, Signature> Changes() => new()
    {
        { "order", s_signature with { Inputs = [.. s_signature.Inputs.Reverse()] } },
        { "name", WithInput(s_signature.Inputs[0] with { Name = "ids" }) },
        { "element type", WithInput(SampleManifest.Tensor("input_ids", ElementType.Int32, DimensionSignature.Of("batch"), DimensionSignature.Of("sequence"))) },
        { "symbol", WithInput(SampleManifest.Tensor("input_ids", ElementType.Int64, DimensionSignature.Of("batch"), DimensionSignature.Of("length"))) },
        { "size", WithInput(SampleManifest.Tensor("input_ids", ElementType.Int64, DimensionSignature.Of("batch"), DimensionSignature.Of(7))) },
        { "unknown size", WithInput(SampleManifest.Tensor("input_ids", ElementType.Int64, DimensionSignature.Of("batch"), DimensionSignature.Unknown)) },
        { "symbol that looks unknown", WithInput(SampleManifest.Tensor("input_ids", ElementType.Int64, DimensionSignature.Of("batch"), DimensionSignature.Of("?"))) },
        { "rank", WithInput(new() { Name = "input_ids", Type = new TensorSignature { ElementType = ElementType.Int64 } }) },
        { "default", WithInput(s_signature.Inputs[0] with { HasDefault = true }) },
        { "contract", s_signature with { Contracts = [] } },
        { "side", new() { Inputs = [.. s_signature.Inputs, s_signature.Outputs[0]], Outputs = [s_signature.Outputs[1]], Contracts = s_signature.Contracts } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_a_caller_depends_on_changes_it(string what, Signature changed)
    {
        Assert.True(s_signature.Hash != changed.Hash, what);
        Assert.Single(Changes(), row => ((Signature)row[1]).Hash == changed.Hash);
    }

    private static Signature WithInput(ValueSignature first) => s_signature with { Inputs = [first, s_signature.Inputs[1]] };
}
