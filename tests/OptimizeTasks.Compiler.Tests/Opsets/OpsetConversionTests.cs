using OptimizeTasks.Compiler.Importing;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing.Operators;

namespace OptimizeTasks.Compiler.Tests.Opsets;

/// <summary>
/// Every case of the catalogue, in every version of its operator: converted to the operator set of the pipeline it computes
/// the same, and written in the lowest operator set it still does.
/// </summary>
public class OpsetConversionTests
{
    private const double Tolerance = 1e-6;

    /// <summary>Cases that have no spelling in the operator set of the pipeline, by the beginning of their names.</summary>
    private static readonly Dictionary<string, string> s_kept = new(StringComparer.Ordinal)
    {
        ["BitCast"] = "is newer",
        ["CumProd"] = "is newer",
        ["Cast 25-: f[n,4] | to=@i2"] = "the type is newer",
        ["Resize 11-12: f[n,3,4,4] f() f(1,1,2,3) | coordinate_transformation_mode='tf_half_pixel_for_nn' mode='linear'"] = "no mode has its coordinates",
    };

    /// <summary>Operators and cases that others took the place of, so that the original's operator set cannot be kept.</summary>
    private static readonly Dictionary<string, string> s_raised = new(StringComparer.Ordinal)
    {
        ["Dropout -9: f[n,3] -> y y"] = "the mask is a ConstantOfShape",
        ["GroupNormalization"] = "one scale for each group was an error of version 18",
        ["Resize"] = "enlarging and shrinking at once has no name in version 10",
        ["Scan"] = "batches went with version 9",
        ["Scatter"] = "became ScatterElements",
        ["Upsample"] = "became Resize",
    };

    public static TheoryData<string> Operators => [.. OperatorCases.Operators.Where(o => o.Domain.Length == 0).Select(o => o.Name)];

    [Fact]
    public void The_catalogue_knows_the_same_versions()
    {
        foreach (OperatorHeading heading in OperatorCases.Operators.Where(o => o.Domain.Length == 0))
            Assert.Equal((heading.OpType, string.Join(' ', heading.Versions)), (heading.OpType, string.Join(' ', OperatorVersions.Between(heading.OpType, 0, OperatorCases.NewestOpset))));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Converted_and_lowered_cases_compute_the_same(string name) => Check(name, c => c.Ends);

    [Theory]
    [MemberData(nameof(Operators))]
    [Trait("Lane", "Long")]
    public void So_do_those_of_the_versions_between(string name) => Check(name, c => c.Opsets.Except(c.Ends));

    private static void Check(string name, Func<OperatorCase, IEnumerable<long>> opsets)
    {
        var faults = new List<string>();
        foreach (OperatorCase c in OperatorCases.All.Where(c => c.Heading.Name == name))
        {
            foreach (long opset in opsets(c))
                Check(c, opset, faults);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(12)));
    }

    private static void Check(OperatorCase c, long opset, List<string> faults)
    {
        IReadOnlyDictionary<string, Tensor> inputs = c.Draw(0);
        IReadOnlyList<RunValue> expected = OperatorRun.Run(c.Build(opset), inputs);
        Model converted = Compile(c.Build(opset), new CompilerOptions { StopAfter = nameof(ConvertOpset) });
        if ((converted.Opset != ConvertOpset.Canonical) != IsAmong(c, s_kept.Keys))
            faults.Add($"{c.Name}, version {opset}: converted to {converted.Opset}");
        else if (!c.Heading.WithoutKernel.Contains(OperatorVersions.In(c.Heading.OpType, ConvertOpset.Canonical)))
            Compare($"{c.Name}, version {opset}, converted", converted, inputs, expected, faults);

        string[] others = [.. ModelCompiler.PassNames.Except([nameof(ConstantsToInitializers), "InferShapes", nameof(ConvertOpset), "LowerOpset", "RemoveDeadCode"])];
        Model lowered = Compile(c.Build(opset), new CompilerOptions { DisabledPasses = [.. others] });
        if (lowered.Opset > opset && !IsAmong(c, s_raised.Keys))
            faults.Add($"{c.Name}, version {opset}: written in {lowered.Opset}");
        Compare($"{c.Name}, version {opset}, written in {lowered.Opset}", lowered, inputs, expected, faults);
    }

    private static bool IsAmong(OperatorCase c, IEnumerable<string> names) => names.Any(n => $"{c.Name} ".StartsWith(n + " ", StringComparison.Ordinal));

    private static Model Compile(Model model, CompilerOptions options) => new ModelCompiler(options).Compile(model).Model;

    private static void Compare(string name, Model model, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<RunValue> expected, List<string> faults)
    {
        try
        {
            IReadOnlyList<RunValue> actual = OperatorRun.Run(model, inputs);
            for (int i = 0; i < expected.Count; i++)
            {
                if (!Agree(expected[i], actual[i]))
                    faults.Add($"{name}: output {i} differs");
            }
        }
        catch (Exception e)
        {
            faults.Add($"{name}: {e.Message}");
        }
    }

    private static bool Agree(RunValue expected, RunValue actual)
    {
        if (expected is { Tensor: { } a } && actual is { Tensor: { } b })
        {
            if (a.ToString() != b.ToString())
                return false;
            if (a.Data is StringData texts)
                return texts.Values.Zip(((StringData)b.Data).Values, (x, y) => x.Span.SequenceEqual(y.Span)).All(same => same);
            return CaseNumbers.Of(a).Zip(CaseNumbers.Of(b), (x, y) => x.Equals(y) || Math.Abs(x - y) <= Tolerance * Math.Max(1, Math.Abs(x))).All(near => near);
        }

        return expected.Elements?.Count == actual.Elements?.Count && (expected.Elements ?? []).Zip(actual.Elements ?? [], Agree).All(same => same);
    }
}
