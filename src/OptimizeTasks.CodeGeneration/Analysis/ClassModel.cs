using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.CodeGeneration.Naming;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Analysis;

/// <summary>All that is decided before any text is written: names, forms, overloads.</summary>
internal sealed class ClassModel
{
    // The generated bodies' own names.
    private static readonly string[] s_locals = ["boundCall", "callShapes", "inputValues", "recurrentState", "cancellationToken", "options"];

    // What the base classes of results and states have, and what no property may be called.
    private static readonly string[] s_members =
    [
        "Dispose", "Equals", "Finalize", "GetHashCode", "GetMap", "GetMaps", "GetScalar", "GetSequence", "GetString", "GetStrings", "GetTensor", "GetType", "GetValue",
        "MemberwiseClone", "Outputs", "RecurrentState", "ReferenceEquals", "ToString",
    ];

    public ClassModel(Signature signature, ClassOptions options)
    {
        Signature = signature;
        Options = options;
        States = [.. signature.States.Where(IsTensorOfKnownRank)];
        var parameters = new NameScope(s_locals);
        var inputProperties = new NameScope(s_members);
        var outputProperties = new NameScope(s_members);
        Inputs = [.. signature.Inputs.Select((value, index) => NewInput(value, index, parameters, inputProperties))];
        Outputs = [.. signature.Outputs.Select((value, index) => NewOutput(value, index, parameters, outputProperties))];
        StateSizes = FindStateSizes();
    }

    public Signature Signature { get; }

    public ClassOptions Options { get; }

    public ImmutableArray<ClassValue> Inputs { get; }

    public ImmutableArray<ClassValue> Outputs { get; }

    /// <summary>The states that a state object can hold.</summary>
    public ImmutableArray<StatePair> States { get; }

    /// <summary>The name of the parameter that takes the state.</summary>
    public string StateParameter => Inputs.Where(input => input.State is null).Any(input => input.Parameter == "state") ? "recurrentState" : "state";

    /// <summary>Whether a call can write into the caller's tensors.</summary>
    public bool IsBindable => Outputs.Length > 0 && Inputs.Concat(Outputs).All(value => value.IsBindable);

    /// <summary>The parameters of <c>NewState</c>, by dimension: for each state and dimension its size, or null where it is a number.</summary>
    public ImmutableArray<ImmutableArray<StateSize?>> StateSizes { get; }

    private ClassValue NewInput(ValueSignature value, int index, NameScope parameters, NameScope properties)
    {
        (ValueForm form, string type) = ClassValue.Classify(value.Type, isInput: true);
        string fallback = "input" + index.ToString(CultureInfo.InvariantCulture);
        return new ClassValue(index, value, form, type, parameters.Add(Identifiers.Camel(value.Name, fallback)), properties.Add(Identifiers.Pascal(value.Name, Capital(fallback))))
        {
            State = IndexOf(States, state => state.Input == value.Name),
        };
    }

    private ClassValue NewOutput(ValueSignature value, int index, NameScope parameters, NameScope properties)
    {
        (ValueForm form, string type) = ClassValue.Classify(value.Type, isInput: false);
        string fallback = "output" + index.ToString(CultureInfo.InvariantCulture);
        return new ClassValue(index, value, form, type, parameters.Add(Identifiers.Camel(value.Name, fallback) + "Destination"), properties.Add(Identifiers.Pascal(value.Name, Capital(fallback))))
        {
            State = IndexOf(States, state => state.Output == value.Name),
        };
    }

    private bool IsTensorOfKnownRank(StatePair state) =>
        Signature.Inputs.First(input => input.Name == state.Input).Type is TensorSignature { Dimensions: not null, ElementType: not ElementType.String and var element }
        && CSharpTypes.Of(element) is not null;

    private static int? IndexOf(ImmutableArray<StatePair> states, Func<StatePair, bool> isWanted)
    {
        for (int i = 0; i < states.Length; i++)
        {
            if (isWanted(states[i]))
                return i;
        }

        return null;
    }

    private ImmutableArray<ImmutableArray<StateSize?>> FindStateSizes()
    {
        var names = new NameScope();
        var bySymbol = new Dictionary<string, StateSize>(StringComparer.Ordinal);
        var states = States.Select(state => (Input: Inputs.First(input => input.Signature.Name == state.Input), Output: Outputs.First(output => output.Signature.Name == state.Output))).ToList();
        bool oneUnknown = states.Sum(state => DimensionsOf(state.Input).Count(dimension => dimension is { Size: null, Symbol: null })) == 1;
        return
        [
            .. states.Select(state =>
            {
                ImmutableArray<DimensionSignature> output = DimensionsOf(state.Output);
                return DimensionsOf(state.Input).Select((dimension, index) => SizeOf(dimension, index < output.Length ? output[index] : default, state.Input, index)).ToImmutableArray();
            }),
        ];

        StateSize? SizeOf(DimensionSignature dimension, DimensionSignature next, ClassValue part, int index)
        {
            if (dimension.Size is not null)
                return null;
            if (dimension.Symbol is not { } symbol)
                return new StateSize(names.Add(oneUnknown ? "batch" : part.Parameter + "Dimension" + index.ToString(CultureInfo.InvariantCulture)), 1, null);
            // A dimension that is called otherwise afterwards grows from run to run: it begins with nothing.
            if (!bySymbol.TryGetValue(symbol, out StateSize? size))
                bySymbol.Add(symbol, size = new StateSize(names.Add(Identifiers.Camel(symbol, "size")), next.Symbol is null || next.Symbol == symbol ? 1 : 0, symbol));
            return size;
        }
    }

    private static ImmutableArray<DimensionSignature> DimensionsOf(ClassValue value) => (value.Signature.Type as TensorSignature)?.Dimensions ?? [];

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
