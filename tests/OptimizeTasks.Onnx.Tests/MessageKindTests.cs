using Google.Protobuf.Reflection;
using OptimizeTasks.Onnx.Protobuf;
using OptimizeTasks.Onnx.Reading;

namespace OptimizeTasks.Onnx.Tests;

public class MessageKindTests
{
    [Fact]
    public void Kinds_are_those_of_the_format()
    {
        var seen = new HashSet<MessageDescriptor>();
        Compare(ModelProto.Descriptor, MessageKind.Model, seen);

        // Every message of the format can be reached.
        Assert.Equal(OnnxReflection.Descriptor.MessageTypes.SelectMany(m => m.NestedTypes.Prepend(m)).Count(), seen.Count);
    }

    private static void Compare(MessageDescriptor descriptor, MessageKind kind, HashSet<MessageDescriptor> seen)
    {
        if (!seen.Add(descriptor))
            return;
        IList<FieldDescriptor> fields = descriptor.Fields.InDeclarationOrder();
        Assert.True(kind.Cost >= 48 + fields.Sum(f => f.IsRepeated ? 40 : 8), descriptor.FullName);
        for (int number = 0; number < 40; number++)
        {
            FieldDescriptor? field = descriptor.FindFieldByNumber(number);
            string name = $"{descriptor.FullName}.{field?.Name} ({number})";
            Assert.True(field is { FieldType: FieldType.Message } == kind.MessagesIn((ulong)number) is not null, name);
            Assert.True(field is { IsRepeated: true, FieldType: FieldType.Bytes or FieldType.String } == kind.HasTextsIn((ulong)number), name);
            Assert.True(field is { FieldType: FieldType.Bytes } == kind.IsBlob((ulong)number), name);
            Assert.True(field is { IsRepeated: true, FieldType: FieldType.Int32 or FieldType.Int64 or FieldType.UInt64 } == kind.NumberCost((ulong)number) > 0, name);
            if (kind.MessagesIn((ulong)number) is { } inner)
                Compare(field!.MessageType, inner, seen);
        }
    }
}
