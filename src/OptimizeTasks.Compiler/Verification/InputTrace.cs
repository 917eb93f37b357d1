using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>
/// Follows an input of integers through operators that pass its values on, to the tables it is used to look up and the
/// constants it is compared with.
/// </summary>
internal sealed class InputTrace
{
    private const int MostValues = 10_000;
    private readonly HashSet<Value> _seen = [];
    private readonly Queue<Value> _next = new();
    private bool _isSubtractedFromOne;

    private InputTrace(Value input) => Visit(input);

    /// <summary>The length of the shortest table; null where no table of known length is looked up.</summary>
    public long? Bound { get; private set; }

    /// <summary>The constants in comparisons for equality.</summary>
    public SortedSet<long> Choices { get; } = [];

    /// <summary>Whether the input is subtracted from 1, or only compared with 0 and 1: what is done to masks.</summary>
    public bool IsMask => _isSubtractedFromOne || (Choices.Count > 0 && Choices.Min >= 0 && Choices.Max <= 1);

    public static InputTrace Of(Value input)
    {
        var trace = new InputTrace(input);
        while (trace._next.TryDequeue(out Value? value) && trace._seen.Count < MostValues)
        {
            foreach (Use use in value.Uses)
                trace.Follow(use);
        }

        return trace;
    }

    private void Visit(Value? value)
    {
        if (value is not null && _seen.Add(value))
            _next.Enqueue(value);
    }

    private void Follow(Use use)
    {
        Node node = use.Node;
        if (TableOf(node, use.Index) is { } table)
        {
            if ((table.Shape ?? ConstantOf(table)?.Shape) is { } shape && AxisOf(node, shape) is { } axis && shape[axis].TryGetValue(out long length))
                Bound = Math.Min(length, Bound ?? long.MaxValue);
            return;
        }

        if (node.Is("Equal"))
        {
            if (IntegerOf(ConstantOf(node.Input(1 - use.Index))) is { } constant)
                Choices.Add(constant);
            return;
        }

        if (node.Is("Sub"))
        {
            _isSubtractedFromOne |= use.Index == 1 && IntegerOf(ConstantOf(node.Input(0))) == 1;
            return;
        }

        if (PassesOn(node, use.Index))
        {
            foreach (Value? output in node.Outputs)
                Visit(output);
        }
    }

    /// <summary>The table that a node looks up with this input, if it does.</summary>
    private static Value? TableOf(Node node, int input) => (node.OpType, input) switch
    {
        ("Gather" or "GatherElements" or "ScatterElements" or "GatherBlockQuantized", 1) => node.Input(0),
        ("EmbedLayerNormalization", 0) => node.Input(2),
        ("EmbedLayerNormalization", 1) => node.Input(4),
        ("EmbedLayerNormalization", 8) => node.Input(3),
        ("RotaryEmbedding", 1) when node.Domain.Length > 0 => node.Input(2),
        ("RotaryEmbedding", 3) => node.Input(1),
        _ => null,
    };

    /// <summary>The original may still spell constants as nodes.</summary>
    private static Tensor? ConstantOf(Value? value) => value?.Constant
        ?? (value?.Producer is { } node && node.Is("Constant") ? (node.Attribute("value") as TensorAttribute)?.Value : null);

    /// <summary>The whole number, if a tensor is one.</summary>
    private static long? IntegerOf(Tensor? tensor) => tensor is { ElementCount: 1 }
        ? tensor.ElementType switch
        {
            ElementType.Int64 => tensor.Read<long>()[0],
            ElementType.Int32 => tensor.Read<int>()[0],
            ElementType.Float when tensor.Read<float>()[0] is var number && float.IsInteger(number) && Math.Abs(number) < int.MaxValue => (long)number,
            _ => null,
        }
        : null;

    private static int? AxisOf(Node node, Shape table)
    {
        bool hasAxis = node.OpType is "Gather" or "GatherElements" or "ScatterElements";
        long axis = hasAxis ? node.IntAttribute("axis") : node.IntAttribute("gather_axis");
        if (axis < 0)
            axis += table.Rank;
        return axis >= 0 && axis < table.Rank ? (int)axis : null;
    }

    private static bool PassesOn(Node node, int input) => node.Domain.Length == 0 && node.OpType switch
    {
        "Identity" or "Cast" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Transpose" or "Slice" or "Expand"
            or "Tile" or "Split" or "Gather" or "Pad" => input == 0,
        "Concat" or "Min" => true,
        "Where" => input > 0,
        _ => false,
    };
}
