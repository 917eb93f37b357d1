using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Precision;

/// <summary>Values in another floating-point type, each made once.</summary>
internal sealed class ConvertedValues(Graph graph, PrecisionChange change, IReadOnlySet<Node> nodes)
{
    private readonly Dictionary<Value, Value> _converted = [];
    private readonly Masks _masks = new(graph);
    private Value? _least;
    private Value? _greatest;

    /// <summary>The value for a node that computes in the type.</summary>
    public Value Of(Value value)
    {
        if (!_converted.TryGetValue(value, out Value? converted))
            _converted.Add(value, converted = value.Constant is { } constant ? graph.AddInitializer(NameOf(value), RoundedNumbers.Of(constant, change)) : Cast(value));
        return converted;
    }

    /// <summary>Lets the producer, a node that computes in the type, make the value in it. Who needs the old type gets it from a Cast.</summary>
    public void Produce(Value value)
    {
        Node producer = value.Producer!;
        ElementType old = value.ElementType;
        TensorType type = TypeOf(value);
        Use[] others = [.. value.Uses.Where(u => !nodes.Contains(u.Node))];
        if (!value.IsOutput && others.All(u => u.Node.TakesAnyType()))
        {
            value.Type = type;
            _converted.Add(value, value);
            return;
        }

        Value converted = graph.AddValue(graph.UniqueName(NameOf(value)), type);
        producer.SetOutput(value.OutputIndex, converted);
        _converted.Add(value, converted);
        // To them the rounded numbers are as good, and it is one Cast less.
        foreach (Use use in others.Where(u => u.Node.TakesAnyType()))
            use.Node.SetInput(0, converted);
        Node cast = graph.AddNode("Cast", [converted], before: producer.Next);
        cast.Name = graph.UniqueName($"{value.Name}_Cast");
        cast.SetAttribute(new IntAttribute("to", (long)old));
        cast.SetOutput(0, value);
    }

    private Value Cast(Value value)
    {
        Node? producer = value.Producer;
        Value source = value;
        if (producer is not null && producer.Is("Cast") && producer.Inputs[0] is { } given && !given.ElementType.IsFloatingPoint())
            source = given;
        else if (producer is not null && producer.Is("Cast") && producer.Inputs[0] is { } original && original.ElementType == change.To)
            return original;
        Node? before = producer is null ? graph.First : producer.Next;
        if (change.Narrows && _masks.Includes(value))
        {
            source = graph.Apply("Clip", [value, _least ??= Limit(-change.HugeStandIn), _greatest ??= Limit(change.HugeStandIn)], $"{value.Name}_Clip", before: before);
            source.Type = value.Type;
        }

        Value cast = graph.Apply("Cast", [source], NameOf(value), [new IntAttribute("to", (long)change.To)], before: before);
        cast.Type = TypeOf(value);
        return cast;
    }

    private Value Limit(float number) => graph.AddInitializer("mask_limit", Tensor.OfFloat(number));

    private string NameOf(Value value) => $"{value.Name}_{change.To}";

    private TensorType TypeOf(Value value) => new(change.To, value.Shape);
}
