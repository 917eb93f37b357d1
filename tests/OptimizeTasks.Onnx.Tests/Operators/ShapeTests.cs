using OptimizeTasks.Testing.Operators;

namespace OptimizeTasks.Onnx.Tests.Operators;

/// <summary>
/// Every case of the catalogue, in every version: inferred types, sizes and elements are those of a run, where sizes are
/// numbers and where they are symbols.
/// </summary>
public class ShapeTests
{
    public static TheoryData<string> Operators => [.. OperatorCases.Operators.Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Inferred_shapes_are_those_of_a_run(string name) => Check(name, c => c.Ends);

    [Theory]
    [MemberData(nameof(Operators))]
    [Trait("Lane", "Long")]
    public void So_are_those_of_the_versions_between(string name) => Check(name, c => c.Opsets.Except(c.Ends));

    private static void Check(string name, Func<OperatorCase, IEnumerable<long>> opsets)
    {
        var faults = new List<string>();
        foreach (OperatorCase c in OperatorCases.All.Where(c => c.Heading.Name == name))
        {
            foreach (long opset in opsets(c))
                Check(c, opset, faults);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct().Take(12)));
    }

    private static void Check(OperatorCase c, long opset, List<string> faults)
    {
        Model symbolic = c.Build(opset);
        using var run = new OperatorRun(symbolic);
        ShapeFacts symbolicFacts = ShapeInference.Run(symbolic);
        for (int sizing = 0; sizing < OperatorCase.Sizings; sizing++)
        {
            IReadOnlyList<RunValue> results = run.Run(c.Draw(sizing));
            Model sized = c.Build(opset, sizing);
            ShapeFacts sizedFacts = ShapeInference.Run(sized);
            Compare(c, opset, symbolic, symbolicFacts, results, symbol => c.SizeOf(symbol, sizing), faults);
            Compare(c, opset, sized, sizedFacts, results, _ => null, faults);
        }
    }

    private static void Compare(OperatorCase c, long opset, Model model, ShapeFacts facts, IReadOnlyList<RunValue> results, Func<string, long?> sizes, List<string> faults)
    {
        CaseOutput[] expected = [.. c.Outputs.OfType<CaseOutput>()];
        for (int i = 0; i < results.Count; i++)
        {
            Value value = model.Graph.Outputs[i];
            if (!Agree(value.Type, results[i], expected[i], sizes))
                faults.Add($"{c.Name}, version {opset}, output {i}: {Text(value.Type)} is {Text(results[i])}");
            if (results[i].Tensor is { } tensor && facts.ValueOf(value) is { } elements && !ElementsAgree(elements, tensor, sizes))
                faults.Add($"{c.Name}, version {opset}, output {i}: the elements are not ({string.Join(", ", elements)})");
        }
    }

    private static bool Agree(OnnxType? type, RunValue result, CaseOutput expected, Func<string, long?> sizes) => (type, result) switch
    {
        (OptionalType optional, _) => Agree(optional.Element, result, expected, sizes),
        (SequenceType sequence, { Elements: { } elements }) => elements.All(e => Agree(sequence.Element, e, expected, sizes)),
        (TensorType { Shape: null } tensor, { Tensor: { } computed }) => tensor.ElementType == computed.ElementType && !expected.HasKnownRank,
        (TensorType { Shape: { } shape } tensor, { Tensor: { } computed }) => tensor.ElementType == computed.ElementType && shape.Rank == computed.Rank
            && shape.Zip(computed.Dimensions, (inferred, real) => inferred.IsKnown ? inferred.Evaluate(sizes) == real : !expected.HasKnownSizes).All(agrees => agrees),
        _ => false,
    };

    private static bool ElementsAgree(IReadOnlyList<Dimension> inferred, Tensor computed, Func<string, long?> sizes)
    {
        double[] real = CaseNumbers.Of(computed);
        return inferred.Count == real.Length && inferred.Zip(real, (i, r) => !i.IsKnown || i.Evaluate(sizes) == r).All(agrees => agrees);
    }

    private static string Text(OnnxType? type) => type switch
    {
        TensorType tensor => $"{tensor.ElementType}{tensor.Shape?.ToString() ?? " of unknown rank"}",
        SequenceType sequence => $"sequence of {Text(sequence.Element)}",
        OptionalType optional => $"optional {Text(optional.Element)}",
        _ => "unknown",
    };

    private static string Text(RunValue value) => value.Tensor?.ToString() ?? (value.Elements is { } elements ? $"({string.Join(", ", elements.Select(Text))})" : "absent");
}
