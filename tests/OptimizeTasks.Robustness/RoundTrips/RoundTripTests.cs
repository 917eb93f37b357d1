using Google.Protobuf;
using Google.Protobuf.Reflection;
using OptimizeTasks.Onnx;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Robustness.RoundTrips;

/// <summary>Reading and writing loses nothing of any valid model.</summary>
public class RoundTripTests
{
    private const int Quick = 1000;
    private const int Long = 50_000;

    [Fact]
    public void Random_models_survive() => Survive(0, Quick);

    [Fact]
    [Trait("Lane", "Long")]
    public void Many_random_models_survive() => Survive(Quick, Long);

    [Fact]
    public void Random_models_survive_external_data()
    {
        using var folder = new TemporaryFolder();
        for (int seed = 0; seed < 100; seed++)
        {
            byte[] bytes = RandomModel.Draw(seed).ToByteArray();
            ModelWriter.Write(ModelReader.Read(bytes), folder["a.onnx"], new WriteOptions { ExternalData = true, ExternalDataThreshold = 0 });
            using (Model external = ModelReader.Read(folder["a.onnx"]))
                ModelWriter.Write(external, folder["b.onnx"], new WriteOptions { ExternalData = false });

            using Model back = ModelReader.Read(folder["b.onnx"]);
            Assert.Equal(Elements(ModelReader.Read(bytes)), Elements(back));
            File.Delete(folder["a.onnx.data"]);
        }
    }

    [Fact]
    public void The_models_have_every_kind_of_attribute_type_and_element()
    {
        var kinds = new HashSet<AttributeProto.Types.AttributeType>();
        var elements = new HashSet<int>();
        var types = new HashSet<TypeProto.ValueOneofCase>();
        for (int seed = 0; seed < 100; seed++)
        {
            foreach (IMessage message in Messages(RandomModel.Draw(seed)))
            {
                _ = message switch
                {
                    AttributeProto a => kinds.Add(a.Type),
                    TensorProto t => elements.Add(t.DataType),
                    TypeProto t => types.Add(t.ValueCase),
                    _ => false,
                };
            }
        }

        Assert.Equal(Enum.GetValues<AttributeProto.Types.AttributeType>().Length - 1, kinds.Count);
        Assert.Equal(Enum.GetValues<ElementType>().Count(t => t.IsKnown()), elements.Count);
        Assert.Equal(5, types.Count);
    }

    private static void Survive(int first, int count)
    {
        for (int seed = first; seed < first + count; seed++)
        {
            byte[] before = RandomModel.Draw(seed).ToByteArray();
            byte[] after = ModelWriter.ToBytes(ModelReader.Read(before));
            // The order of fields in a file is free.
            Assert.True(ModelProto.Parser.ParseFrom(after).ToByteArray().AsSpan().SequenceEqual(before), $"the model of seed {seed} changed");
            Assert.True(ModelWriter.ToBytes(ModelReader.Read(after)).AsSpan().SequenceEqual(after), $"the model of seed {seed} is written in two ways");
        }
    }

    /// <summary>The bytes of all weights by name.</summary>
    private static SortedDictionary<string, string> Elements(Model model)
    {
        var elements = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (Value value in model.Graph.AllNodes().SelectMany(n => n.Subgraphs).Prepend(model.Graph).SelectMany(g => g.Initializers))
            elements.Add(value.Name, $"{value.Initializer} {(value.Initializer!.Data is StringData s ? string.Join(',', s.Values.Select(v => Convert.ToHexString(v.Span))) : Convert.ToHexString(value.Initializer.Data.ReadAll().Span))}");
        return elements;
    }

    private static IEnumerable<IMessage> Messages(IMessage message)
    {
        yield return message;
        foreach (FieldDescriptor field in message.Descriptor.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
        {
            object? value = field.Accessor.GetValue(message);
            foreach (IMessage inner in value is System.Collections.IList list ? list.Cast<IMessage>() : value is IMessage one ? [one] : [])
            {
                foreach (IMessage each in Messages(inner))
                    yield return each;
            }
        }
    }
}
