using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>Making attributes from attributes.</summary>
internal static class Attributes
{
    /// <summary>The same value under another name.</summary>
    public static NodeAttribute Renamed(this NodeAttribute attribute, string name) => attribute switch
    {
        _ when attribute.Name == name => attribute,
        FloatAttribute a => new FloatAttribute(name, a.Value),
        IntAttribute a => new IntAttribute(name, a.Value),
        StringAttribute a => new StringAttribute(name, a.Bytes),
        TensorAttribute a => new TensorAttribute(name, a.Value) { TensorName = a.TensorName },
        GraphAttribute a => new GraphAttribute(name, a.Value),
        TypeAttribute a => new TypeAttribute(name, a.Value),
        FloatsAttribute a => new FloatsAttribute(name, a.Values),
        IntsAttribute a => new IntsAttribute(name, a.Values),
        StringsAttribute a => new StringsAttribute(name, a.Values),
        GraphsAttribute a => new GraphsAttribute(name, a.Values),
        ReferenceAttribute a => new ReferenceAttribute(name, a.Referenced, a.Kind),
        _ => throw new ArgumentOutOfRangeException(nameof(attribute), attribute, "no attribute of ONNX"),
    };
}
