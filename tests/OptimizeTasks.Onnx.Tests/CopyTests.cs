using Google.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public class CopyTests
{
    public static TheoryData<string> Models => [.. SharedModels.All.Concat(SharedModels.Fusion)];

    [SharedModelTheory]
    [MemberData(nameof(Models))]
    public void A_copy_is_written_as_its_source_is(string name)
    {
        using Model model = ModelReader.Read(SharedModels.Path(name));
        Assert.True(ModelWriter.ToBytes(model).AsSpan().SequenceEqual(ModelWriter.ToBytes(model.Copy())));
    }

    [Fact]
    public void What_the_library_does_not_know_is_copied_too()
    {
        byte[] bytes = EveryField.Model(3).ToByteArray();
        using Model model = ModelReader.Read(bytes);
        Assert.Equal(bytes, ModelWriter.ToBytes(model.Copy()));
    }

    [Fact]
    public void Changes_of_a_copy_leave_the_source_alone()
    {
        using Model model = ModelReader.Read(EveryField.Model(3).ToByteArray());
        byte[] before = ModelWriter.ToBytes(model);
        Model copy = model.Copy();
        copy.Graph.Name = "another";
        copy.Opsets[""]++;
        copy.Functions[0].Body.Name = "another";
        foreach (Node node in copy.Graph.AllNodes().ToArray())
            node.DocString = "changed";
        foreach (Value value in copy.Graph.Initializers.ToArray())
            copy.Graph.SetInitializer(value, null);
        Assert.Equal(before, ModelWriter.ToBytes(model));
    }

    [Fact]
    public void Names_are_made_unique_as_in_the_source()
    {
        Model model = SmallModel.Add(4);
        model.Graph.AddInitializer("w", Tensor.OfFloat(1));
        Model copy = model.Copy();
        Assert.Equal(model.Graph.UniqueName("w"), copy.Graph.UniqueName("w"));
        Assert.Equal(model.Graph.UniqueName("x"), copy.Graph.UniqueName("x"));
    }
}
