using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Tests.Raising;

/// <summary>Whatever is raised: the result is as near to float64 as the original in float32.</summary>
public class RandomSpellingTests
{
    private const int GroupSize = 10;
    private const int Groups = 6;
    private const int LongGroups = 50;

    /// <summary>Times the original's own error.</summary>
    private const double MostGrowth = 2;

    /// <summary>A few roundings of float32, where the original happens to make none.</summary>
    private const double LeastError = 4e-7;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, Groups).Select(g => g * GroupSize)];

    public static TheoryData<int> LongFirstSeeds => [.. Enumerable.Range(0, LongGroups).Select(g => g * GroupSize)];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void A_raised_model_is_as_near_to_float64_as_the_original(int first) => Compare(first);

    [Theory]
    [Trait("Lane", "Long")]
    [MemberData(nameof(LongFirstSeeds))]
    public void Hundreds_of_raised_models_are_as_near_to_float64_as_the_originals(int first) => Compare(first);

    private static void Compare(int first)
    {
        var faults = new List<string>();
        for (int seed = first; seed < first + GroupSize; seed++)
        {
            if (Record.Exception(() => Compare(RandomSpelling.Draw(seed))) is { } fault)
                faults.Add($"Seed {seed}: {fault.Message}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static void Compare(Model original)
    {
        byte[] bytes = ModelWriter.ToBytes(original);
        using CompilationResult result = new ModelCompiler(new CompilerOptions(), new InProcessRunner()).Compile(ModelReader.Read(bytes));
        Model compiled = ModelReader.Read(ModelWriter.ToBytes(result.Model));
        Model wide = DoublePrecision.Widen(ModelReader.Read(bytes));
        // ONNX Runtime's Attention takes no empty batch.
        bool takesNothing = result.Model.Graph.Nodes.All(n => !n.Is("Attention"));
        foreach (long size in takesNothing ? new long[] { 0, 1, 3 } : [1, 3])
        {
            Dictionary<string, Tensor> inputs = Agreement.Draw(original.Graph, size);
            IReadOnlyDictionary<string, Tensor> expected = Agreement.Run(original, inputs);
            IReadOnlyDictionary<string, Tensor> actual = Agreement.Run(compiled, inputs);
            IReadOnlyDictionary<string, Tensor> exact = Agreement.Run(wide, inputs.ToDictionary(i => i.Key, i => DoublePrecision.Widen(i.Value)));
            foreach ((string name, Tensor value) in expected)
            {
                double own = Agreement.Error(exact[name], DoublePrecision.Widen(value));
                double error = Agreement.Error(exact[name], DoublePrecision.Widen(actual[name]));
                Assert.True(error <= Math.Max(MostGrowth * own, LeastError),
                    $"'{name}' with size {size} is {error:0.0e+0} from float64, where the original is {own:0.0e+0}; {string.Join(' ', result.OperatorsAfter.Select(o => o.Key))}");
            }
        }
    }
}
