using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using OptimizeTasks.Compiler.Lowering;
using OptimizeTasks.Execution;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing;

namespace OptimizeTasks.Compiler.Tests.Lowering;

/// <summary>ONNX Runtime has every kernel that the table claims for the CPU.</summary>
public partial class KernelTableTests
{
    private static readonly Dictionary<string, long[][]> s_inputs = new()
    {
        ["SkipLayerNormalization"] = [[1, 3, 8], [1, 3, 8], [8], [8], [8]],
        ["SkipSimplifiedLayerNormalization"] = [[1, 3, 8], [1, 3, 8], [8], [8]],
        ["BiasGelu"] = [[1, 3, 8], [8]],
        ["FastGelu"] = [[1, 3, 8], [8]],
        ["QuickGelu"] = [[1, 3, 8]],
        ["FusedMatMul"] = [[1, 8, 8], [1, 8, 8]],
        ["Attention"] = [[1, 3, 8], [8, 24], [24]],
        ["MultiHeadAttention"] = [[1, 3, 8], [1, 3, 8], [1, 3, 8]],
        ["GroupQueryAttention"] = [[1, 3, 16], [1, 3, 8], [1, 3, 8]],
    };

    public static TheoryData<string, ElementType> Rows
    {
        get
        {
            var rows = new TheoryData<string, ElementType>();
            foreach (Kernel kernel in KernelTable.All.DistinctBy(k => k.Name))
            {
                foreach (ElementType type in kernel.Support.Where(s => s.Provider == "Cpu").SelectMany(s => s.Types))
                    rows.Add(kernel.Name, type);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_for_the_processor_runs(string name, ElementType type)
    {
        var graph = new Graph("test");
        Value[] inputs = [.. s_inputs[name].Select((sizes, i) => graph.AddInput($"x{i}", new TensorType(type, Shape.Of(sizes))))];
        graph.AddOutput(graph.Apply(name, [.. inputs, .. Lengths(graph, name)], "y", Attributes(name), Kernel.Domain));
        graph.Outputs[0].Type = new TensorType(type, Shape.Of(s_inputs[name][0]));
        var model = new Model(graph) { IrVersion = 8, Opsets = { [""] = 21 } };
        Kernel.Declare(model);

        IReadOnlyDictionary<string, Tensor> outputs = new InProcessRunner().Run(model, Agreement.Draw(graph, 1), RunLimits.Default, CancellationToken.None);

        Assert.Equal(s_inputs[name][0], outputs["y"].Dimensions);
    }

    /// <summary>No past, and the lengths of rows and of all.</summary>
    private static Value?[] Lengths(Graph graph, string name) => name != "GroupQueryAttention" ? [] :
    [
        null, null, graph.AddInitializer("last", Tensor.Create<int>(ElementType.Int32, [1], [2])), graph.AddInitializer("total", Tensor.Create<int>(ElementType.Int32, [1], [3])),
    ];

    private static NodeAttribute[] Attributes(string name) => name switch
    {
        "Attention" or "MultiHeadAttention" => [new IntAttribute("num_heads", 2)],
        "GroupQueryAttention" => [new IntAttribute("num_heads", 2), new IntAttribute("kv_num_heads", 1)],
        _ => [],
    };

    [Fact]
    public void The_gains_are_those_that_were_measured()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "kernels.md"));
        var measured = Row().Matches(page).ToDictionary(row => row.Groups[1].Value, row => double.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture));

        foreach (Kernel kernel in KernelTable.All.Where(k => k.Name != "GroupQueryAttention"))
            Assert.Equal(measured[kernel.MeasuredAs], kernel.Support.Single(s => s.Provider == "Cpu").Gain);
    }

    [Fact]
    public void The_table_has_every_kernel_once()
    {
        Kernel[] declared = [.. typeof(KernelTable).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<Kernel>()];

        Assert.Equal(declared.Select(k => k.MeasuredAs).Order(StringComparer.Ordinal), KernelTable.All.Select(k => k.MeasuredAs).Order(StringComparer.Ordinal));
        Assert.All(KernelTable.All, kernel => Assert.Equal(kernel.Support.Length, kernel.Support.Select(s => s.Provider).Distinct().Count()));
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([0-9.]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
