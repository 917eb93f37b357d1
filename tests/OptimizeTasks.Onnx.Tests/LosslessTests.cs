using Google.Protobuf;
using Google.Protobuf.Reflection;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Onnx.Tests;

public class LosslessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    public void Every_field_survives(int count)
    {
        ModelProto before = EveryField.Model(count);
        ModelProto after = Copy(before);
        Assert.Equal(before, after);
        Assert.Equal(before.ToByteArray(), after.ToByteArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    public void Every_field_survives_in_files(int count)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = EveryField.Model(count).ToByteArray();
        File.WriteAllBytes(folder["a.onnx"], bytes);
        using Model model = ModelReader.Read(folder["a.onnx"]);
        ModelWriter.Write(model, folder["b.onnx"]);
        Assert.Equal(bytes, ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["b.onnx"])).ToByteArray());
    }

    [Fact]
    public void The_model_really_has_every_field()
    {
        var used = new HashSet<string>();
        Collect(EveryField.Model(1), used);
        IEnumerable<string> all = OnnxReflection.Descriptor.MessageTypes.SelectMany(WithNested).SelectMany(m => m.Fields.InDeclarationOrder()).Select(f => f.FullName);
        Assert.Empty(all.Except(used));
    }

    [Fact]
    public void What_did_not_change_keeps_its_spelling_when_something_else_does()
    {
        ModelProto before = EveryField.Model(1);
        Model model = ModelReader.Read(before.ToByteArray());
        model.ProducerName = "other";
        model.Graph.Nodes.Single(n => n.Name == "configured").OpType = "Other";
        ModelProto after = ModelProto.Parser.ParseFrom(ModelWriter.ToBytes(model));

        Assert.Equal("other", after.ProducerName);
        Assert.Equal(before.TrainingInfo, after.TrainingInfo);
        Assert.Equal(before.Configuration, after.Configuration);
        NodeProto node = after.Graph.Node.Single(n => n.Name == "configured");
        Assert.Equal("Other", node.OpType);
        Assert.Equal(before.Graph.Node.Single(n => n.Name == "configured").DeviceConfigurations, node.DeviceConfigurations);
        Assert.Equal(before.Graph.Input, after.Graph.Input);
    }

    [Fact]
    public void A_renamed_value_is_renamed_everywhere()
    {
        Model model = ModelReader.Read(EveryField.Model(1).ToByteArray());
        model.Graph.Find("x")!.Name = "renamed";
        GraphProto graph = ModelProto.Parser.ParseFrom(ModelWriter.ToBytes(model)).Graph;

        Assert.Equal("renamed", graph.Input[0].Name);
        Assert.Equal("renamed", graph.Output[1].Name);
        Assert.Equal("renamed", graph.Node[0].Input[0]);
        Assert.Equal("renamed", graph.Node.Single(n => n.Output[0] == "branch_out").Attribute[0].G.Node[0].Input[0]);
    }

    [Fact]
    public void The_words_of_the_model_mean_what_they_say()
    {
        Model model = ModelReader.Read(EveryField.Model(1).ToByteArray());
        Assert.Equal(21, model.Opset);
        Assert.Equal("", model.Graph.Nodes.Single(n => n.Name == "configured").Domain);
        Node node = model.Graph.First!;
        Assert.Null(node.Inputs[1]);
        Assert.Null(node.Outputs[1]);
        Assert.Equal("b", node.Outputs[2]!.Name);
        Assert.Equal([0x21, 0x0f], model.Graph.Find("int4")!.Constant!.Data.ReadAll().ToArray());
        Assert.Equal([(sbyte)-128, (sbyte)127], model.Graph.Find("int8")!.Constant!.Read<sbyte>().ToArray());
        Assert.Equal([uint.MaxValue], model.Graph.Find("uint32")!.Constant!.Read<uint>().ToArray());
        Assert.Equal([1f, 2f], model.Graph.Find("complex64")!.Constant!.Data.ReadAll().ToArray().Chunk(4).Select(b => BitConverter.ToSingle(b)));
        Assert.Null(model.Graph.Find("overridable")!.Constant);
        Assert.NotNull(model.Graph.Find("overridable")!.Initializer);
        Assert.NotNull(model.Graph.Find("sparse")!.SparseInitializer);
        Function function = Assert.Single(model.Functions);
        Assert.Equal(["p", "q"], function.Body.Inputs.Select(v => v.Name));
        Assert.IsType<ReferenceAttribute>(function.Body.First!.Attribute("scale"));
    }

    private static ModelProto Copy(ModelProto message) => ModelProto.Parser.ParseFrom(ModelWriter.ToBytes(ModelReader.Read(message.ToByteArray())));

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) => message.NestedTypes.SelectMany(WithNested).Prepend(message);

    private static void Collect(IMessage message, HashSet<string> used)
    {
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated)
            {
                foreach (object item in (System.Collections.IList)field.Accessor.GetValue(message))
                {
                    used.Add(field.FullName);
                    if (item is IMessage inner)
                        Collect(inner, used);
                }
            }
            else if (field.Accessor.HasValue(message))
            {
                used.Add(field.FullName);
                if (field.Accessor.GetValue(message) is IMessage inner)
                    Collect(inner, used);
            }
        }
    }
}
