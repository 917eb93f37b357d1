using System.Collections.Frozen;

namespace OptimizeTasks.Onnx.Shapes;

/// <summary>Sets the types of a node's outputs, or leaves them where it cannot tell.</summary>
internal delegate void TypeRule(NodeInference node);

/// <summary>Computes the elements of a node's small outputs. Called where the first output is small and its type is known.</summary>
internal delegate void ValueRule(NodeInference node);

/// <summary>The rules of all operators by domain and name. One rule serves all versions of an operator.</summary>
internal sealed class OperatorTable
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string Contrib = "com.microsoft";

    private readonly Dictionary<(string Domain, string Name), TypeRule> _types = [];
    private readonly Dictionary<(string Domain, string Name), ValueRule> _values = [];

    private OperatorTable()
    {
        ElementwiseTypes.Register(this);
        MatrixTypes.Register(this);
        ConvolutionTypes.Register(this);
        PoolingTypes.Register(this);
        NormalizationTypes.Register(this);
        ReductionTypes.Register(this);
        LayoutTypes.Register(this);
        SelectionTypes.Register(this);
        ResizingTypes.Register(this);
        GenerationTypes.Register(this);
        RecurrentTypes.Register(this);
        QuantizationTypes.Register(this);
        AttentionTypes.Register(this);
        SignalTypes.Register(this);
        SequenceTypes.Register(this);
        TextTypes.Register(this);
        ControlFlowTypes.Register(this);
        ContribTypes.Register(this);
        ContribQuantizationTypes.Register(this);
        ClassicTypes.Register(this);
        ArithmeticValues.Register(this);
        RoundingValues.Register(this);
        RearrangementValues.Register(this);
        ShapeValues.Register(this);
        Types = _types.ToFrozenDictionary();
        Values = _values.ToFrozenDictionary();
    }

    public static OperatorTable Instance { get; } = new();

    public FrozenDictionary<(string Domain, string Name), TypeRule> Types { get; }

    public FrozenDictionary<(string Domain, string Name), ValueRule> Values { get; }

    /// <summary>Gives operators of ONNX's own domain a rule.</summary>
    public void Add(TypeRule rule, params ReadOnlySpan<string> operators) => AddTo("", rule, operators);

    /// <summary>Gives operators of another domain a rule.</summary>
    public void AddTo(string domain, TypeRule rule, params ReadOnlySpan<string> operators)
    {
        foreach (string name in operators)
            _types.Add((domain, name), rule);
    }

    /// <summary>Gives operators of ONNX's own domain a rule for the elements.</summary>
    public void AddValues(ValueRule rule, params ReadOnlySpan<string> operators)
    {
        foreach (string name in operators)
            _values.Add(("", name), rule);
    }
}
