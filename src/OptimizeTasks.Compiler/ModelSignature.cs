using System.Collections.Immutable;
using OptimizeTasks.Compiler.Exporting;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler;

/// <summary>
/// What goes into a model and what comes out of it, for its manifest and its class. Compilation changes none of it, so the
/// original's signature is the compiled model's.
/// </summary>
public static class ModelSignature
{
    /// <summary>The signature of a model. Where an output has no type, all types are inferred.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What the user asks for: sizes that are fixed, and promises.</param>
    /// <param name="file">What a diagnostic names.</param>
    /// <exception cref="CompilationException">An input or output has no type, or cannot be what is promised of it.</exception>
    public static Signature Of(Model model, CompilerOptions options, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        // A file may leave out what follows from its nodes.
        if (model.Graph.Outputs.Any(o => TypeOf(o.Type) is null))
            ShapeInference.Run(model);
        ImmutableArray<ValueSignature> inputs = [.. model.Graph.Inputs.Where(i => i.Initializer is null || model.InitializersAreOverridable).Select(DescribeValue)];
        InputContracts.Check(inputs, options.Contracts, file);
        ImmutableArray<ValueSignature> outputs = [.. model.Graph.Outputs.Select(DescribeValue)];
        ImmutableArray<StatePair> states = RecurrentStates.Find(inputs, outputs);
        SizedFormats.Check(inputs, states, options.Variants, file);
        return new Signature
        {
            Inputs = inputs,
            Outputs = outputs,
            Contracts = options.Contracts,
            States = states,
            Description = Describe(model),
        };

        ValueSignature DescribeValue(Value value) => new()
        {
            Name = value.Name,
            Type = TypeOf(value.Type) ?? throw new CompilationException(Diagnostics.InvalidGraph.Create($"'{value.Name}' goes in or out of the model and has no type", file)),
            HasDefault = value.Initializer is not null,
            DocString = value.DocString,
        };

        TypeSignature? TypeOf(OnnxType? type) => type switch
        {
            TensorType { ElementType: not Onnx.ElementType.Undefined } tensor => new TensorSignature { ElementType = ElementOf(tensor.ElementType), Dimensions = DimensionsOf(tensor.Shape) },
            SparseTensorType sparse => new SparseTensorSignature { ElementType = ElementOf(sparse.ElementType) },
            SequenceType { Element: { } element } => TypeOf(element) is { } inner ? new SequenceSignature { Element = inner } : null,
            MapType { Value: { } value } map => TypeOf(value) is { } inner ? new MapSignature { Key = ElementOf(map.Key), Value = inner } : null,
            OptionalType { Element: { } element } => TypeOf(element) is { } inner ? new OptionalSignature { Element = inner } : null,
            OpaqueType opaque => new OpaqueSignature { Domain = opaque.Domain, Name = opaque.Name },
            _ => null,
        };

        ImmutableArray<DimensionSignature>? DimensionsOf(Shape? shape) => shape is null ? null : [.. shape.Select(DimensionOf)];

        DimensionSignature DimensionOf(Dimension dimension)
        {
            if (dimension.TryGetValue(out long size) || (dimension.Symbol is { } symbol && options.FixedDimensions.TryGetValue(symbol, out size)))
                return DimensionSignature.Of(size);
            return dimension.IsUnknown ? DimensionSignature.Unknown : DimensionSignature.Of(dimension.ToString());
        }
    }

    private static ModelDescription Describe(Model model) => new()
    {
        ProducerName = model.ProducerName,
        ProducerVersion = model.ProducerVersion,
        Domain = model.Domain,
        ModelVersion = model.ModelVersion,
        GraphName = model.Graph.Name is { Length: > 0 } name ? name : null,
        DocString = model.DocString ?? model.Graph.DocString,
        // Where a name occurs twice, the last entry holds.
        Metadata = model.Metadata.Aggregate(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), (all, entry) => all.SetItem(entry.Key, entry.Value)),
    };

    /// <summary>The manifest's enumeration has the numbers of ONNX, as this one.</summary>
    private static Manifest.ElementType ElementOf(Onnx.ElementType type) => (Manifest.ElementType)type;
}
