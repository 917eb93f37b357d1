using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Compiler.Importing;
using OptimizeTasks.Onnx;
using OptimizeTasks.Testing.Operators;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Opsets;

/// <summary>Nodes with other numbers of inputs and outputs than ONNX Runtime lets their operators have are refused.</summary>
public partial class OperatorArityTests
{
    /// <summary>More than any operator has that limits them.</summary>
    private const int Many = 20;

    /// <summary>Names that no model may use from a version on.</summary>
    private static readonly Dictionary<string, int> s_gone = new(StringComparer.Ordinal) { ["Scatter"] = 11, ["Upsample"] = 10 };

    /// <summary>
    /// Every operator in every version: ONNX Runtime names the range when it refuses too few or too many. It makes weights of
    /// constants before it looks, and leaves out nodes that have neither inputs nor outputs.
    /// </summary>
    [Fact]
    public void The_table_says_what_ONNX_Runtime_says()
    {
        var faults = new List<string>();
        int checks = 0;
        foreach (OperatorHeading heading in OperatorCases.Operators.Where(o => o.Domain.Length == 0 && o.OpType != "Constant"))
        {
            foreach (long opset in heading.Versions.Select(v => (long)Math.Max(v, OperatorCases.OldestOpset)).Distinct().Where(v => v < s_gone.GetValueOrDefault(heading.OpType, int.MaxValue)))
            {
                OperatorArity arity = OperatorArity.In(heading.OpType, opset)!;
                Check("input", arity.Inputs, count => Refusal(heading.OpType, opset, count, 1));
                Check("output", arity.Outputs, count => Refusal(heading.OpType, opset, Math.Clamp(1, arity.Inputs.Least, arity.Inputs.Most), count));
                for (int i = 0; i < arity.Inputs.Needed; i++)
                {
                    if (!Refusal(heading.OpType, opset, arity.Inputs.Least, arity.Outputs.Least, absent: i).Contains($"input {i} is marked single but has an empty string", StringComparison.Ordinal))
                        faults.Add($"{heading.OpType} {opset}: input {i} may be absent");
                    checks++;
                }

                void Check(string what, ValueCount expected, Func<int, string> refusal)
                {
                    foreach (int count in new[] { expected.Least - 1, expected.Most == int.MaxValue ? -1 : Many }.Where(c => c > (arity.Inputs.Most == 0 ? 0 : -1)))
                    {
                        Match range = Range().Match(refusal(count));
                        string found = range.Success ? $"{range.Groups["what"]} {range.Groups["least"]} {range.Groups["most"]}" : "nothing";
                        string wanted = string.Create(CultureInfo.InvariantCulture, $"{what} {expected.Least} {expected.Most}");
                        if (found != wanted)
                            faults.Add($"{heading.OpType} {opset}: {found} instead of {wanted}");
                        checks++;
                    }
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.InRange(checks, 1000, int.MaxValue);
    }

    [Fact]
    public void Every_case_of_the_catalogue_is_let_through()
    {
        foreach (OperatorCase c in OperatorCases.All.Where(c => c.Heading.Domain.Length == 0))
        {
            foreach (long opset in c.Opsets)
            {
                OperatorArity arity = OperatorArity.In(c.Heading.OpType, opset)!;
                Node node = c.Build(opset).Graph.Nodes.Last(n => n.OpType == c.Heading.OpType);
                Assert.Null(arity.Inputs.Fault(node.Inputs, "input") ?? arity.Outputs.Fault(node.Outputs, "output"));
            }
        }
    }

    [Fact]
    public void Too_many_inputs_are_refused() => Refused("MatMul has 3 inputs instead of 2", g => g.AddNode("MatMul", [g.Input(2, 2), g.Weight("a", 2, 2), g.Weight("b", 2, 2)]).SetOutput(0, g.AddValue("y")));

    [Fact]
    public void Too_few_inputs_are_refused() => Refused("Slice has 2 inputs instead of 3 to 5", g => g.AddNode("Slice", [g.Input(2, 2), g.Ints(0)]).SetOutput(0, g.AddValue("y")));

    [Fact]
    public void An_absent_input_is_refused() => Refused("MatMul lacks input 1", g => g.AddNode("MatMul", [null, g.Weight("a", 2, 2)]).SetOutput(0, g.AddValue("y")));

    [Fact]
    public void A_missing_output_is_refused() => Refused("TopK has 1 outputs instead of 2", g => g.AddNode("TopK", [g.Input(2, 2), g.Ints(1)]).SetOutput(0, g.AddValue("y")));

    [Fact]
    public void So_are_those_of_a_function()
    {
        var body = new Graph("body");
        body.AddNode("Relu", []).SetOutput(0, body.AddValue("r"));
        body.AddOutput(body.Last!.Output);
        Refused("Relu has 0 inputs instead of 1", g => g.Apply("Relu", [g.Input(2, 2)], "y"), new Function("own", "F", null, body));
    }

    [Fact]
    public void So_are_those_of_a_branch() => Refused("Relu has 0 inputs instead of 1", g =>
    {
        var body = new Graph("body", g);
        body.AddNode("Relu", []).SetOutput(0, body.AddValue("r"));
        body.AddOutput(body.Last!.Output);
        Node node = g.AddNode("If", [g.AddInput("c", new TensorType(ElementType.Bool, Shape.Scalar))]);
        node.SetAttribute(new GraphAttribute("then_branch", body));
        node.SetOutput(0, g.AddValue("y"));
    });

    /// <summary>Nobody knows what operators take that are newer than the table.</summary>
    [Theory]
    [InlineData(27)]
    [InlineData(long.MaxValue)]
    public void More_inputs_are_left_to_newer_operator_sets(long opset) =>
        Assert.Equal(3, Assert.Single(new ModelCompiler(new CompilerOptions()).Compile(Model(opset, g => g.Apply("MatMul", [g.Input(2, 2), g.Weight("a", 2, 2), g.Weight("b", 2, 2)], "y"))).Model.Graph.Nodes).Inputs.Count);

    private static void Refused(string message, Action<Graph> build, params Function[] functions)
    {
        Model model = Model(18, g =>
        {
            build(g);
            return g.Last!.Output;
        });
        functions.ToList().ForEach(model.Functions.Add);
        Diagnostic diagnostic = Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions()).Compile(model)).Diagnostic;
        Assert.Equal(Diagnostics.InvalidGraph, diagnostic.Descriptor);
        Assert.StartsWith(message, diagnostic.Message, StringComparison.Ordinal);
    }

    /// <summary>What ONNX Runtime says to a node with so many inputs and outputs.</summary>
    private static string Refusal(string opType, long opset, int inputs, int outputs, int absent = -1)
    {
        var graph = new Graph("arity");
        Value x = graph.Input(2, 3);
        Node node = graph.AddNode(opType, [.. Enumerable.Range(0, inputs).Select(i => i == absent ? null : x)]);
        for (int i = 0; i < outputs; i++)
            node.SetOutput(i, graph.AddValue(FormattableString.Invariant($"y{i}")));
        graph.AddOutput(graph.Apply("Identity", [x], "z"));
        try
        {
            using var run = new OperatorRun(new Model(graph) { IrVersion = OperatorCases.IrVersionOf(opset), Opsets = { [""] = opset } });
            return "";
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"has (?<what>input|output) size \d+ not in range \[min=(?<least>\d+), max=(?<most>\d+)\]")]
    private static partial Regex Range();
}
