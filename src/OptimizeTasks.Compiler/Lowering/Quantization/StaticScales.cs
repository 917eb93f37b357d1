using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.Quantization;

/// <summary>The scales and zero points of activations, as constants of the graph: one pair for all values that share them.</summary>
/// <param name="graph">The main graph.</param>
/// <param name="plan">Which values have the codes of which.</param>
/// <param name="ranges">The ranges.</param>
/// <param name="isSymmetric">Whether codes are signed, with 0 in the middle.</param>
internal sealed class StaticScales(Graph graph, StaticPlan plan, IReadOnlyDictionary<Value, ActivationRange> ranges, bool isSymmetric)
{
    private readonly Dictionary<Value, (Value Scale, Value ZeroPoint)> _constants = [];

    /// <summary>Which value's codes each one has, as it is before lowering changes the graph.</summary>
    private readonly Dictionary<Value, Value> _sources = plan.Nodes.SelectMany(node => StaticOperators.ActivationsOf(node).Concat(node.Outputs.OfType<Value>())).Distinct().ToDictionary(value => value, plan.SourceOf);

    /// <summary>The type of the codes.</summary>
    public ElementType CodeType => isSymmetric ? ElementType.Int8 : ElementType.UInt8;

    /// <summary>The scale and the zero point of a value.</summary>
    public ActivationScale Of(Value value) => isSymmetric ? ActivationScale.Symmetric(ranges[SourceOf(value)]) : ActivationScale.Asymmetric(ranges[SourceOf(value)]);

    /// <summary>The same as constants.</summary>
    public (Value Scale, Value ZeroPoint) ConstantsOf(Value value)
    {
        Value source = SourceOf(value);
        if (_constants.TryGetValue(source, out (Value, Value) known))
            return known;
        ActivationScale scale = Of(source);
        var zeroPoint = new Tensor(CodeType, [], new MemoryData(new[] { (byte)scale.ZeroPoint }));
        (Value, Value) made = (graph.AddInitializer(source.Name + "_scale", Tensor.OfFloat(scale.Scale)), graph.AddInitializer(source.Name + "_zero_point", zeroPoint));
        _constants.Add(source, made);
        return made;
    }

    /// <summary>A constant of the model in codes of its own, of a shape of as many elements.</summary>
    public (Value Codes, Value Scale, Value ZeroPoint) Quantized(string name, double[] numbers, ReadOnlySpan<long> shape)
    {
        var range = new ActivationRange(Math.Min(0, numbers.Min()), Math.Max(0, numbers.Max()));
        ActivationScale scale = isSymmetric ? ActivationScale.Symmetric(range) : ActivationScale.Asymmetric(range);
        int least = isSymmetric ? sbyte.MinValue : byte.MinValue, greatest = isSymmetric ? sbyte.MaxValue : byte.MaxValue;
        byte[] codes = Array.ConvertAll(numbers, number => (byte)(int)Math.Clamp(Math.Round(number / scale.Scale) + scale.ZeroPoint, least, greatest));
        return (
            graph.AddInitializer(name + "_codes", new Tensor(CodeType, shape, new MemoryData(codes))),
            graph.AddInitializer(name + "_scale", Tensor.OfFloat(scale.Scale)),
            graph.AddInitializer(name + "_zero_point", new Tensor(CodeType, [], new MemoryData(new[] { (byte)scale.ZeroPoint }))));
    }

    /// <summary>Lets a value take the place of another one.</summary>
    public void Share(Value value, Value replaced) => _sources[value] = SourceOf(replaced);

    private Value SourceOf(Value value) => _sources.GetValueOrDefault(value, value);
}
