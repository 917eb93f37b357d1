using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>The numbers of an Attention node, whose last sizes and, with four axes, heads are known.</summary>
internal sealed class AttentionHeads
{
    /// <summary>Those of this node.</summary>
    public AttentionHeads(Node attention)
    {
        Queries = Heads(attention, 0, "q_num_heads");
        Keys = Heads(attention, 1, "kv_num_heads");
        Size = SizeOf(attention, 1);
        ValueSize = SizeOf(attention, 2);
        Scale = attention.Attribute("scale") is FloatAttribute scale ? scale.Value : 1 / Math.Sqrt(Size);
    }

    /// <summary>The number of heads of the queries.</summary>
    public long Queries { get; }

    /// <summary>The number of heads of keys and values.</summary>
    public long Keys { get; }

    /// <summary>The size of a head of queries and keys.</summary>
    public long Size { get; }

    /// <summary>The size of a head of values.</summary>
    public long ValueSize { get; }

    /// <summary>What scores are multiplied by.</summary>
    public double Scale { get; }

    private static long Heads(Node attention, int input, string attribute) =>
        attention.Inputs[input]!.Shape is { Rank: 4 } shape && shape[1].TryGetValue(out long heads) ? heads : attention.IntAttribute(attribute);

    private long SizeOf(Node attention, int input)
    {
        Shape shape = attention.Inputs[input]!.Shape!;
        shape[^1].TryGetValue(out long last);
        return shape.Rank == 4 ? last : last / Keys;
    }
}
