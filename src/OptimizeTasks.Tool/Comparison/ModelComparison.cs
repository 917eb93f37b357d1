using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Inspection;

namespace OptimizeTasks.Tool.Comparison;

/// <summary>
/// Compares two models by names: of inputs and outputs, operator sets, operators, nodes and initializers. A node without
/// a name goes by its first output's. Weights are not read unless asked for.
/// </summary>
internal static class ModelComparison
{
    private const int BlockSize = 1 << 20;

    /// <summary>What differs.</summary>
    /// <param name="a">The first model.</param>
    /// <param name="b">The second model.</param>
    /// <param name="readWeights">Whether initializers of one name and type are compared byte by byte.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ModelFormatException">Weights cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static ModelDifference Compare((string Path, Model Model) a, (string Path, Model Model) b, bool readWeights, CancellationToken cancellationToken)
    {
        Parts first = Parts.Of(a.Model), second = Parts.Of(b.Model);
        return new ModelDifference
        {
            A = a.Path,
            B = b.Path,
            Bytes = new(FileBytes(a.Model), FileBytes(b.Model)),
            NodeCount = new(first.NodeCount, second.NodeCount),
            InitializerCount = new(first.Initializers.Count, second.Initializers.Count),
            WeightBytes = new(first.WeightBytes, second.WeightBytes),
            Interface =
            [
                .. Values("input", a.Model.Graph.Inputs, b.Model.Graph.Inputs),
                .. Values("output", a.Model.Graph.Outputs, b.Model.Graph.Outputs),
            ],
            Opsets = Numbers(Domains(a.Model), Domains(b.Model)),
            Operators = Numbers(first.Operators, second.Operators),
            Nodes = Items(first.Nodes, second.Nodes, Describe, NodeChanges),
            Initializers = Items(first.Initializers, second.Initializers, Describe, (name, x, y) => WeightChanges(name, x, y, readWeights, cancellationToken)),
        };
    }

    private static long FileBytes(Model model) => model.FilePaths.Sum(path => new FileInfo(path).Length);

    private static Dictionary<string, long> Domains(Model model) =>
        model.Opsets.ToDictionary(opset => opset.Key.Length == 0 ? "ai.onnx" : opset.Key, opset => opset.Value, StringComparer.Ordinal);

    private static IEnumerable<ValueChange> Values(string kind, IEnumerable<Value> a, IEnumerable<Value> b)
    {
        Dictionary<string, string> first = Types(a), second = Types(b);
        return Union(first.Keys, second.Keys)
            .Select(name => new ValueChange(kind, name, first.GetValueOrDefault(name), second.GetValueOrDefault(name)))
            .Where(change => change.A != change.B);
    }

    /// <summary>A value may be an output twice.</summary>
    private static Dictionary<string, string> Types(IEnumerable<Value> values) =>
        values.DistinctBy(value => value.Name).ToDictionary(value => value.Name, value => TypeText.Of(value.Type), StringComparer.Ordinal);

    private static NamedChange<T>[] Numbers<T>(Dictionary<string, T> a, Dictionary<string, T> b)
        where T : struct, IEquatable<T> =>
    [
        .. Union(a.Keys, b.Keys).Order(StringComparer.Ordinal)
            .Select(name => new NamedChange<T>(name, a.GetValueOrDefault(name), b.GetValueOrDefault(name)))
            .Where(change => !change.A.Equals(change.B)),
    ];

    private static ItemChanges Items<T>(Dictionary<string, T> a, Dictionary<string, T> b, Func<string, T, Item> describe, Func<string, T, T, IEnumerable<ItemChange>> compare) => new(
        [.. a.Where(item => !b.ContainsKey(item.Key)).Select(item => describe(item.Key, item.Value))],
        [.. b.Where(item => !a.ContainsKey(item.Key)).Select(item => describe(item.Key, item.Value))],
        [.. a.Where(item => b.ContainsKey(item.Key)).SelectMany(item => compare(item.Key, item.Value, b[item.Key]))]);

    private static Item Describe(string name, Node node) => new(name, Parts.OperatorOf(node));

    private static Item Describe(string name, Tensor tensor) => new(name, TypeOf(tensor), tensor.ByteLength);

    private static IEnumerable<ItemChange> NodeChanges(string name, Node a, Node b)
    {
        if (Parts.OperatorOf(a) != Parts.OperatorOf(b))
            yield return new ItemChange(name, "operator", Parts.OperatorOf(a), Parts.OperatorOf(b));
        if (Names(a.Inputs) is var inputsA && Names(b.Inputs) is var inputsB && inputsA != inputsB)
            yield return new ItemChange(name, "inputs", inputsA, inputsB);
        if (Names(a.Outputs) is var outputsA && Names(b.Outputs) is var outputsB && outputsA != outputsB)
            yield return new ItemChange(name, "outputs", outputsA, outputsB);
        foreach (string attribute in Union(a.Attributes.Select(x => x.Name), b.Attributes.Select(x => x.Name)))
        {
            string before = AttributeText.Of(a.Attribute(attribute)), after = AttributeText.Of(b.Attribute(attribute));
            if (before != after)
                yield return new ItemChange(name, attribute, before, after);
        }
    }

    private static IEnumerable<ItemChange> WeightChanges(string name, Tensor a, Tensor b, bool read, CancellationToken cancellationToken)
    {
        if (TypeOf(a) != TypeOf(b))
            yield return new ItemChange(name, "type", TypeOf(a), TypeOf(b));
        else if (read && !AreEqual(a.Data, b.Data, cancellationToken))
            yield return new ItemChange(name, "content", "", "");
    }

    private static bool AreEqual(TensorData a, TensorData b, CancellationToken cancellationToken)
    {
        if (a.Length != b.Length)
            return false;
        if (a is StringData first && b is StringData second)
            return first.Values.Zip(second.Values).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));
        var blocks = (A: new byte[Math.Min(BlockSize, a.Length)], B: new byte[Math.Min(BlockSize, a.Length)]);
        for (long offset = 0; offset < a.Length; offset += BlockSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = (int)Math.Min(BlockSize, a.Length - offset);
            a.Read(offset, blocks.A.AsSpan(0, length));
            b.Read(offset, blocks.B.AsSpan(0, length));
            if (!blocks.A.AsSpan(0, length).SequenceEqual(blocks.B.AsSpan(0, length)))
                return false;
        }

        return true;
    }

    private static string TypeOf(Tensor tensor) => TypeText.Of(new TensorType(tensor.ElementType, tensor.Shape));

    private static string Names(IEnumerable<Value?> values) => string.Join(", ", values.Select(value => value?.Name));

    private static IEnumerable<string> Union(IEnumerable<string> a, IEnumerable<string> b) => a.Union(b, StringComparer.Ordinal);
}
