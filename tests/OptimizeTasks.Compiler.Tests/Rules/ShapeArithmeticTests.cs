using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class ShapeArithmeticTests
{
    [Fact]
    public void A_target_with_one_unknown_size_is_a_constant()
    {
        CompilationResult result = Compile(Model(17, g =>
        {
            Value x = g.Input("batch", "sequence", "6");
            Value batch = Size(g, x, 0);
            Value sequence = Size(g, x, 1);
            return g.Apply("Reshape", [x, g.Apply("Concat", [batch, sequence, g.Ints(2), g.Ints(3)], "target", [Int("axis", 0)])], "y");
        }));

        Assert.Equal(["Reshape"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal([0, 0, 2, 3], result.Model.Graph.First!.Inputs[1]!.Constant!.Read<long>().ToArray());
    }

    [Fact]
    public void A_product_of_unknown_sizes_is_what_remains()
    {
        CompilationResult result = Compile(Model(17, g =>
        {
            Value x = g.Input("batch", "sequence", "6");
            Value rows = g.Apply("Mul", [Size(g, x, 0), Size(g, x, 1)], "rows");
            return g.Apply("Reshape", [x, g.Apply("Concat", [rows, g.Ints(6)], "target", [Int("axis", 0)])], "y");
        }));

        Assert.Equal([-1, 6], result.Model.Graph.First!.Inputs[1]!.Constant!.Read<long>().ToArray());
    }

    [Fact]
    public void A_target_with_two_unknown_sizes_elsewhere_stays_computed() => Assert.Contains("Concat", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "sequence", "6");
        return g.Apply("Reshape", [x, g.Apply("Concat", [g.Ints(6), Size(g, x, 0), Size(g, x, 1)], "target", [Int("axis", 0)])], "y");
    })), StringComparison.Ordinal);

    [Fact]
    public void A_fixed_dimension_makes_its_size_a_constant()
    {
        Model model = Model(17, g => g.Apply("Mul", [g.Input("batch", "4"), g.Apply("Cast", [Size(g, g.Inputs[0], 0)], "f", [Int("to", (long)ElementType.Float)])], "y"));

        using CompilationResult result = new ModelCompiler(new CompilerOptions { FixedDimensions = System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty.Add("batch", 2) }, new Execution.InProcessRunner()).Compile(model);

        Assert.Equal(["Mul"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal("[2, 4]", result.Model.Graph.Inputs[0].Shape!.ToString());
    }

    [Fact]
    public void An_unknown_dimension_is_refused_with_the_known_ones()
    {
        Model model = Model(17, g => g.Apply("Relu", [g.Input("batch", "4")], "y"));

        var e = Assert.Throws<CompilationException>(() =>
            new ModelCompiler(new CompilerOptions { FixedDimensions = System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty.Add("bach", 2) }).Compile(model));

        Assert.Equal("OPT2005", e.Diagnostic.Code);
        Assert.Contains("batch", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_exporters_compute_again_and_again_are_computed_once() => Assert.Equal("Shape Shape Exp Concat Reshape Reshape Add", Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "sequence", "6");
        Value[] spelled = [.. new[] { x, g.Apply("Exp", [x], "e") }.Select(v =>
            g.Apply("Reshape", [v, g.Apply("Concat", [g.Ints(6), Size(g, v, 0), Size(g, v, 1)], "target", [Int("axis", 0)])], "r"))];
        return g.Apply("Add", spelled, "y");
    })));

    [Fact]
    public void Sizes_of_different_inputs_are_two() => Assert.Equal(2, Operators(Model(17, g =>
    {
        Value x = g.Input("batch", "6");
        Value other = g.AddInput("other", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("rows"), Dimension.Of(6))));
        return g.Apply("Concat", [Size(g, x, 0), Size(g, other, 0)], "y", [Int("axis", 0)]);
    })).Split(' ').Count(o => o == "Shape"));

    /// <summary>Torch's expand: −1 stands for 1 in a mask of the target.</summary>
    [Fact]
    public void A_choice_between_sizes_that_is_known_is_made()
    {
        string operators = Operators(Model(17, g =>
        {
            Value x = g.Input("batch", "sequence", "6");
            Value target = g.Apply("Concat", [Size(g, x, 0), g.Ints(-1), g.Ints(-1)], "target", [Int("axis", 0)]);
            Value isMinus = g.Apply("Equal", [target, g.Ints(-1, -1, -1)], "isMinus");
            return g.Apply("Expand", [g.Weight("token", 1, 1, 6), g.Apply("Where", [isMinus, g.Ints(1, 1, 1), target], "chosen")], "y");
        }));

        Assert.Equal("Shape Concat Expand", operators);
    }

    [Fact]
    public void A_target_in_which_zero_means_zero_is_a_constant_too()
    {
        CompilationResult result = Compile(Model(17, g =>
        {
            Value x = g.Input("batch", "sequence", "6");
            return g.Apply("Reshape", [x, g.Apply("Concat", [Size(g, x, 0), Size(g, x, 1), g.Ints(2, 3)], "target", [Int("axis", 0)])], "y", [Int("allowzero", 1)]);
        }));

        Assert.Equal([0, 0, 2, 3], result.Model.Graph.First!.Inputs[1]!.Constant!.Read<long>().ToArray());
        Assert.Equal(0, result.Model.Graph.First!.IntAttribute("allowzero"));
    }

    private static Value Size(Graph g, Value x, long axis) => g.Apply("Gather", [g.Apply("Shape", [x], "shape"), g.Ints(axis)], "size", [Int("axis", 0)]);
}
