using OptimizeTasks.Benchmarks.Architectures;
using OptimizeTasks.Compiler;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Execution.Tests;

/// <summary>The models that benchmarks build are what their names say, and ONNX Runtime runs them.</summary>
public class ArchitectureTests
{
    [Fact]
    public void Both_spellings_of_BERT_compute_the_same()
    {
        var bert = new Bert(Layers: 2, Hidden: 32, Heads: 4, Inner: 64, Words: 100, Positions: 16);
        IReadOnlyDictionary<string, Tensor> one = Run(bert.Build());
        IReadOnlyDictionary<string, Tensor> other = Run((bert with { Opset = 14 }).Build());

        Assert.Equal("Float[2, 5, 32]", one["last_hidden_state"].ToString());
        Assert.Equal("Float[2, 32]", one["pooler_output"].ToString());
        foreach ((string name, Tensor tensor) in one)
        {
            float[] expected = tensor.Read<float>().ToArray();
            Assert.True(expected.Max() - expected.Min() > 0.1);
            Assert.All(expected.Zip(other[name].Read<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public void BERT_base_has_110_million_parameters()
    {
        Model model = Bert.Base.Build();
        Assert.Equal(109_482_240, model.Graph.Initializers.Select(v => v.Constant!).Where(t => t.ElementType == ElementType.Float).Sum(t => t.ElementCount));
        Assert.InRange(model.Graph.NodeCount, 1000, 1200);
    }

    private static IReadOnlyDictionary<string, Tensor> Run(Model model) => new InProcessRunner().Run(model, new Dictionary<string, Tensor>
    {
        ["input_ids"] = Tensor.Create<long>(ElementType.Int64, [2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ["attention_mask"] = Tensor.Create<long>(ElementType.Int64, [2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
        ["token_type_ids"] = Tensor.Create<long>(ElementType.Int64, [2, 5], [0, 0, 1, 1, 1, 0, 0, 0, 0, 1]),
    }, RunLimits.Default, CancellationToken.None);
}
