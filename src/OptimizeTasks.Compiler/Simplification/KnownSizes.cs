using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Simplification;

/// <summary>Values that hold sizes, by the sizes that they hold: those of a graph so far, and of the graphs around it.</summary>
internal sealed class KnownSizes(KnownSizes? outer)
{
    private readonly Dictionary<(ElementType Type, Shape Shape, Shape Elements), Value> _values = [];

    /// <summary>A value of this type and shape with these elements, or null.</summary>
    public Value? Find(ElementType type, Shape shape, IReadOnlyList<Dimension> elements)
    {
        var key = (type, shape, new Shape(elements));
        for (KnownSizes? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(key, out Value? value))
                return value;
        }

        return null;
    }

    /// <summary>Remembers a value.</summary>
    public void Add(Value value, IReadOnlyList<Dimension> elements) => _values[(value.ElementType, value.Shape!, new Shape(elements))] = value;

    private KnownSizes? Outer => outer;
}
