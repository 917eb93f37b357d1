using System.Globalization;
using System.Text.RegularExpressions;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing.Operators;

/// <summary>
/// Builds the graph of a case. An input is one of
/// <code>
/// f[n,3]           drawn, with these sizes; symbols are lower-case letters
/// f[n,3]{0.1..4}   drawn from a range, its ends included
/// f[4]!            drawn, but a constant of the model
/// i64(1,-1)        a constant of one dimension, i64[2,2](1,2,3,4) of two, i64=3 of none
/// ~i64(1,-1)       an input that gets these elements
/// Shape(f[n,3])    what a node gives that has these inputs; attributes stand behind |
/// _                left out
/// </code>
/// Attributes are <c>axis=1</c>, <c>alpha=0.5</c>, <c>mode='linear'</c>, <c>pads=[0,1]</c>, <c>to=@f16</c> for the number of
/// an element type and <c>value:i64(1)</c> for a tensor.
/// </summary>
internal sealed partial class CaseBuilder(OperatorHeading heading, Func<string, long> sizeOf, bool isSymbolic)
{
    private readonly Random _weights = new(7);

    /// <summary>The graph so far.</summary>
    public Graph Graph { get; } = new("case");

    /// <summary>How the inputs are drawn, by name.</summary>
    public Dictionary<string, Func<Random, Tensor>> Drawings { get; } = new(StringComparer.Ordinal);

    /// <summary>What is known of the outputs.</summary>
    public List<CaseOutput?> Outputs { get; } = [];

    /// <summary>Adds the operator of the heading.</summary>
    public void AddNode(string text, string outputs)
    {
        (Value?[] inputs, NodeAttribute[] attributes) = Read(text);
        AddNode(inputs, attributes, outputs);
    }

    /// <summary>Adds the operator of the heading; its outputs are the model's.</summary>
    public void AddNode(IEnumerable<Value?> inputs, IEnumerable<NodeAttribute> attributes, string outputs)
    {
        Node node = Graph.AddNode(heading.OpType, inputs, heading.Domain);
        foreach (NodeAttribute attribute in attributes)
            node.SetAttribute(attribute);
        foreach (string output in outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int index = Outputs.Count;
            Outputs.Add(output == "_" ? null : new CaseOutput(!output.Contains('?', StringComparison.Ordinal), output != "y??"));
            if (output == "_")
                continue;
            Value value = Graph.AddValue($"y{index}");
            node.SetOutput(index, value);
            Graph.AddOutput(output == "y#" ? Graph.Apply("Cast", [value], "cast", [new IntAttribute("to", (long)ElementType.Float)]) : value);
        }
    }

    /// <summary>An input; null where it is left out.</summary>
    public Value? Input(string text)
    {
        if (text == "_")
            return null;
        if (Nested().Match(text) is { Success: true } nested && !CaseValues.IsType(nested.Groups["op"].Value))
        {
            (Value?[] inputs, NodeAttribute[] attributes) = Read(nested.Groups["node"].Value);
            return Graph.Apply(nested.Groups["op"].Value, inputs, Graph.UniqueName("inner"), attributes);
        }

        Match match = Tensor().Match(text);
        if (!match.Success)
            throw new FormatException($"{heading.Name}: '{text}' is no input.");
        ElementType type = CaseValues.TypeOf(match.Groups["type"].Value);
        if (match.Groups["elements"].Success || match.Groups["scalar"].Success)
        {
            Tensor tensor = Fixed(match, type);
            return match.Groups["runtime"].Success ? AddInput(type, tensor.Shape, _ => tensor) : Graph.AddInitializer(Graph.UniqueName("c"), tensor);
        }

        string[] symbols = match.Groups["sizes"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        long[] sizes = [.. symbols.Select(Size)];
        (double, double) range = match.Groups["low"].Success ? (Number(match.Groups["low"].Value), Number(match.Groups["high"].Value)) : CaseValues.RangeOf(type);
        return match.Groups["constant"].Success
            ? Graph.AddInitializer(Graph.UniqueName("w"), CaseValues.Draw(type, sizes, range, _weights))
            : AddInput(type, new Shape(symbols.Select(Dimension)), random => CaseValues.Draw(type, sizes, range, random));
    }

    private Value AddInput(ElementType type, Shape shape, Func<Random, Tensor> draw)
    {
        Value input = Graph.AddInput($"x{Drawings.Count}", new TensorType(type, shape));
        Drawings.Add(input.Name, draw);
        return input;
    }

    private Dimension Dimension(string size) => isSymbolic && char.IsAsciiLetter(size[0]) ? Onnx.Dimension.OfSymbol(size) : Onnx.Dimension.Of(Size(size));

    private long Size(string size) => char.IsAsciiLetter(size[0]) ? sizeOf(size) : long.Parse(size, CultureInfo.InvariantCulture);

    private static Tensor Fixed(Match match, ElementType type)
    {
        if (match.Groups["scalar"].Success)
            return type == ElementType.Int64
                ? Onnx.Tensor.Create(type, [], [long.Parse(match.Groups["scalar"].Value, CultureInfo.InvariantCulture)])
                : CaseValues.Create(type, [], [Number(match.Groups["scalar"].Value)]);
        string[] elements = match.Groups["elements"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        long[] sizes = match.Groups["sizes"].Success ? [.. match.Groups["sizes"].Value.Split(',').Select(long.Parse)] : [elements.Length];

        // The greatest integers are beyond what a float holds.
        return type == ElementType.Int64
            ? Onnx.Tensor.Create<long>(type, sizes, [.. elements.Select(long.Parse)])
            : CaseValues.Create(type, sizes, [.. elements.Select(Number)]);
    }

    private (Value?[] Inputs, NodeAttribute[] Attributes) Read(string text)
    {
        string[] words = [.. Words(text)];
        int bar = Array.IndexOf(words, "|");
        int count = bar < 0 ? words.Length : bar;
        Value?[] inputs = [.. words.Take(count).Where(w => w != "()").Select(Input)];
        return (inputs, [.. words.Skip(count + 1).Select(Attribute)]);
    }

    /// <summary>The words between spaces, but for spaces in brackets and quotes.</summary>
    private static IEnumerable<string> Words(string text)
    {
        int depth = 0;
        bool quoted = false;
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            quoted ^= c == '\'';
            if (!quoted)
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            if (c != ' ' || depth > 0 || quoted)
                continue;
            if (i > start)
                yield return text[start..i];
            start = i + 1;
        }
    }

    private NodeAttribute Attribute(string text)
    {
        int end = text.IndexOfAny(['=', ':']);
        string name = text[..end];
        string value = text[(end + 1)..];
        if (text[end] == ':')
            return new TensorAttribute(name, Fixed(Tensor().Match(value), CaseValues.TypeOf(Tensor().Match(value).Groups["type"].Value)));
        if (value[0] == '@')
            return new IntAttribute(name, (long)CaseValues.TypeOf(value[1..]));
        if (value[0] == '\'')
            return new StringAttribute(name, value.Trim('\''));
        if (value[0] != '[')
            return value.Contains('.') ? new FloatAttribute(name, (float)Number(value)) : new IntAttribute(name, long.Parse(value, CultureInfo.InvariantCulture));
        string[] elements = value[1..^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (elements is [['\'', ..], ..])
            return new StringsAttribute(name, [.. elements.Select(e => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(e.Trim('\'')))]);
        return value.Contains('.')
            ? new FloatsAttribute(name, [.. elements.Select(e => (float)Number(e))])
            : new IntsAttribute(name, [.. elements.Select(long.Parse)]);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<op>\w+)\((?<node>.*)\)$")]
    private static partial Regex Nested();

    [GeneratedRegex(@"^(?<runtime>~)?(?<type>\w+)(\[(?<sizes>[^\]]*)\])?(?<constant>!)?(\((?<elements>[^)]*)\)|=(?<scalar>[-+.\de]+)|\{(?<low>[-+.\d]+?)\.\.(?<high>[-+.\d]+)\})?$")]
    private static partial Regex Tensor();
}
