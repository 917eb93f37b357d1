using System.Runtime.InteropServices;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class ConstantTests
{
    [Fact]
    public void A_constant_part_is_computed_once() => Assert.Equal("Add", Operators(Model(17, g =>
        g.Apply("Add", [g.Input(2, 4), g.Apply("Exp", [g.Apply("Transpose", [g.Weight("w", 4, 2)], "t")], "e")], "y"))));

    [Fact]
    public void A_constant_node_becomes_an_initializer() => Assert.Equal("Add", Operators(Model(17, g =>
        g.Apply("Add", [g.Input(2, 4), g.Apply("Constant", [], "c", [new FloatsAttribute("value_floats", [1, 2, 3, 4])])], "y"))));

    [Fact]
    public void A_weight_that_is_used_elsewhere_is_not_doubled()
    {
        // 4 MiB + one row: more than may be added, and the original must stay.
        string operators = Operators(Model(17, g =>
        {
            Value table = g.Weight("table", 1025, 1024);
            Value rows = g.Apply("Gather", [table, g.AddInput("ids", new TensorType(ElementType.Int64, Shape.Of(3)))], "rows");
            return g.Apply("MatMul", [rows, g.Apply("Transpose", [table], "t", [IntList("perm", 1, 0)])], "y");
        }));

        Assert.Contains("Transpose", operators, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_replaced_may_be_large() => Assert.DoesNotContain("Transpose", Operators(Model(17, g =>
        g.Apply("MatMul", [g.Input(3, 1024), g.Apply("Transpose", [g.Weight("table", 1025, 1024)], "t", [IntList("perm", 1, 0)])], "y"))), StringComparison.Ordinal);

    [Fact]
    public void A_large_repetition_stays_a_node() => Assert.Equal("ConstantOfShape Add", Operators(Model(17, g =>
        g.Apply("Add", [g.Input(200, 100), g.Apply("ConstantOfShape", [g.Ints(200, 100)], "zeros")], "y"))));

    [Fact]
    public void What_is_computed_from_a_repetition_is_stored_where_it_is_small() => Assert.Equal("Add", Operators(Model(17, g =>
        g.Apply("Add", [g.Input(2, 300), g.Apply("ReduceSum", [g.Apply("Expand", [g.Weight("w", 1, 300), g.Ints(200, 300)], "e"), g.Ints(0)], "s")], "y"))));

    [Fact]
    public void A_repetition_of_some_kilobytes_stays_a_node_and_so_do_its_reshapes()
    {
        Model model = Model(17, g => g.Apply("Add", [g.Input(20, 30), g.Apply("Reshape", [g.Apply("ConstantOfShape", [g.Ints(600)], "zeros"), g.Ints(20, 30)], "r")], "y"));

        Assert.Equal("ConstantOfShape Reshape Add", Operators(model));
        Assert.InRange(ModelWriter.ToBytes(Compile(model).Model).Length, 0, 1000);
    }

    [Fact]
    public void A_large_repetition_that_others_use_stays_and_what_is_computed_from_it_is_stored() => Assert.Equal("ConstantOfShape Add Add", Operators(Model(17, g =>
    {
        Value twos = g.Apply("ConstantOfShape", [g.Ints(200, 300)], "twos", [new TensorAttribute("value", Tensor.Create<float>(ElementType.Float, [1], [2]))]);
        Value sum = g.Apply("ReduceSum", [twos, g.Ints(0)], "s");
        return g.Apply("Add", [g.Apply("Add", [g.Input(200, 300), twos], "a"), sum], "y");
    })));

    [Fact]
    public void What_nothing_uses_keeps_no_constant() => Assert.Equal("Add", Operators(Model(17, g =>
    {
        Value zeros = g.Apply("ConstantOfShape", [g.Ints(200, 300)], "zeros");
        g.Apply("Neg", [zeros], "unused");
        return g.Apply("Add", [g.Input(1, 300), g.Apply("ReduceSum", [zeros, g.Ints(0)], "s")], "y");
    })));

    [Fact]
    public void A_node_that_the_engine_refuses_keeps_no_other_from_being_computed()
    {
        var told = new List<Diagnostic>();
        Model model = Model(17, g =>
        {
            Value[] constants = [.. new[] { "Neg", "Exp", "Sqrt", "Abs" }.Select(op => g.Apply(op, [g.Weight(op, 2, 2)], "c"))];
            return g.Apply("Sum", [g.Input(2, 2), .. constants], "y");
        });

        CompilationResult result = new ModelCompiler(new CompilerOptions(), new Refusing("Sqrt"), told.Add).Compile(model);

        Assert.Equal(["Sqrt", "Sum"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.Contains("Sqrt", Assert.Single(told).Message, StringComparison.Ordinal);
    }

    /// <summary>As exporters compute the scale of attention from a size.</summary>
    [Fact]
    public void Arithmetic_on_single_numbers_needs_no_engine()
    {
        Model model = Model(17, g =>
        {
            Value size = g.Apply("Cast", [g.Ints(48)], "size", [Int("to", (long)ElementType.Float)]);
            Value scale = g.Apply("Div", [g.Scalar(1), g.Apply("Sqrt", [size], "root")], "scale");
            Value other = g.Apply("Neg", [g.Apply("Reciprocal", [g.Apply("Sub", [g.Apply("Add", [scale, size], "a"), g.Floats(0.3f)], "s")], "r")], "n");
            return g.Apply("Mul", [g.Input(2, 3), g.Apply("Mul", [scale, other], "m")], "y");
        });

        CompilationResult result = new ModelCompiler(new CompilerOptions(), new Refusing(), d => Assert.Fail(d.Message)).Compile(ModelReader.Read(ModelWriter.ToBytes(model)));

        Assert.Equal(["Mul"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Dictionary<string, Tensor> inputs = Agreement.Draw(result.Model.Graph, 1);
        Assert.Equal(0, Agreement.Error(Agreement.Run(model, inputs), Agreement.Run(result.Model, inputs)));
    }

    [Fact]
    public void Arithmetic_that_libraries_round_differently_is_left_to_the_engine() => Assert.Equal("Pow Mul", string.Join(' ',
        new ModelCompiler(new CompilerOptions(), new Refusing()).Compile(Model(17, g =>
            g.Apply("Mul", [g.Input(2, 3), g.Apply("Pow", [g.Scalar(48), g.Scalar(-0.5f)], "p")], "y"))).Model.Graph.Nodes.Select(n => n.OpType)));

    [Fact]
    public void Random_numbers_stay_random()
    {
        Model model = Model(17, g => g.Apply("Add", [g.Input(2, 3), g.Apply("RandomNormal", [], "r", [IntList("shape", 2, 3)])], "y"));

        Assert.Equal(2, new ModelCompiler(new CompilerOptions(), new Execution.InProcessRunner()).Compile(model).NodesAfter);
    }

    [Fact]
    public void Quantized_weights_stay_quantized() => Assert.Equal("DequantizeLinear MatMul", Operators(Model(17, g =>
        g.Apply("MatMul", [g.Input(2, 3), g.Apply("DequantizeLinear", [g.AddInitializer("q", Tensor.Create<sbyte>(ElementType.Int8, [3, 2], [1, 2, 3, 4, 5, 6])), g.Scalar(0.1f)], "w")], "y"))));

    [Fact]
    public void An_overridable_initializer_is_no_constant()
    {
        Model model = Model(17, g =>
        {
            Value c = g.AddInput("c", new TensorType(ElementType.Float, Shape.Of(3)));
            g.SetInitializer(c, Tensor.Create<float>(ElementType.Float, [3], [1, 1, 1]));
            return g.Apply("Mul", [g.Input(2, 3), g.Apply("Neg", [c], "n")], "y");
        });

        CompilationResult result = Compile(model);

        Assert.Equal(["Neg", "Mul"], result.Model.Graph.Nodes.Select(n => n.OpType));
        Assert.NotNull(result.Model.Graph.Inputs.Single(i => i.Name == "c").Initializer);
    }

    [Fact]
    public void What_the_engine_refuses_stays_and_is_told()
    {
        var told = new List<Diagnostic>();
        Model model = Model(17, g => g.Apply("Add", [g.Input(2, 2), g.Apply("Exp", [g.Weight("w", 2, 2)], "e")], "y"));

        CompilationResult result = new ModelCompiler(new CompilerOptions(), new Refusing(), told.Add).Compile(model);

        Assert.Equal(2, result.NodesAfter);
        Assert.Equal("OPT2008", Assert.Single(told).Code);
    }

    [Theory]
    [InlineData(true, "Relu")]
    [InlineData(false, "Neg")]
    public void The_branch_that_is_always_taken_takes_the_place_of_If(bool condition, string expected) => Assert.Equal(expected, Operators(Model(17, g =>
    {
        Value x = g.Input(2, 3);
        Graph Branch(string opType)
        {
            var branch = new Graph(opType, g);
            branch.AddOutput(branch.Apply(opType, [x], "b"));
            return branch;
        }

        return g.Apply("If", [g.AddInitializer("c", Tensor.Create<byte>(ElementType.Bool, [], [(byte)(condition ? 1 : 0)]))], "y",
            [new GraphAttribute("then_branch", Branch("Relu")), new GraphAttribute("else_branch", Branch("Neg"))]);
    })));

    [Fact]
    public void Equal_nodes_are_one() => Assert.Equal("Exp Add", Operators(Model(17, g =>
    {
        Value x = g.Input(2, 3);
        return g.Apply("Add", [g.Apply("Exp", [x], "a"), g.Apply("Exp", [x], "b")], "y");
    })));

    [Fact]
    public void Nodes_that_differ_in_an_attribute_are_two() => Assert.Equal("Softmax Softmax Add", Operators(Model(17, g =>
    {
        Value x = g.Input(2, 3);
        return g.Apply("Add", [g.Apply("Softmax", [x], "a", [Int("axis", 0)]), g.Apply("Softmax", [x], "b", [Int("axis", 1)])], "y");
    })));

    [Fact]
    public void Equal_initializers_are_one_and_others_are_not()
    {
        CompilationResult result = Compile(Model(17, g =>
        {
            Value x = g.Input(2, 3);
            Value a = g.Apply("Pow", [g.Apply("Abs", [x], "abs"), g.Floats(2, 3, 4)], "a");
            Value b = g.Apply("Pow", [g.Apply("Exp", [x], "exp"), g.Floats(2, 3, 4)], "b");
            return g.Apply("Max", [a, b, g.Floats(2, 3, 5)], "y");
        }));

        Assert.Equal(2, result.Model.Graph.Initializers.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Initializers_are_read_whole_only_where_their_samples_are_equal(bool sameSamples)
    {
        const int elements = 100_000;
        var data = new CountedData[3];
        for (int i = 0; i < data.Length; i++)
        {
            var values = new float[elements];
            values[sameSamples ? elements / 3 : 0] = sameSamples ? Math.Max(i, 1) : i;
            data[i] = new CountedData(values);
        }

        CompilationResult result = new ModelCompiler(new CompilerOptions()).Compile(Model(17, g =>
        {
            Value x = g.Input(elements);
            foreach (CountedData weights in data)
                x = g.Apply("Max", [g.Apply("Tanh", [x], "t"), g.AddInitializer("w", new Tensor(ElementType.Float, [elements], weights))], "a");
            return x;
        }));

        Assert.Equal(sameSamples ? 2 : 3, result.Model.Graph.Initializers.Count);
        Assert.All(data, d => Assert.Equal(sameSamples, d.BytesRead >= d.Length));
    }

    [Fact]
    public void What_nothing_uses_goes() => Assert.Equal("Relu", Operators(Model(17, g =>
    {
        Value x = g.Input(2, 3);
        g.Apply("Exp", [g.Apply("MatMul", [x, g.Weight("w", 3, 3)], "m")], "unused");
        return g.Apply("Relu", [x], "y");
    })));

    /// <summary>Counts the bytes that are read.</summary>
    private sealed class CountedData(float[] values) : TensorData
    {
        public long BytesRead { get; private set; }

        public override long Length => values.Length * sizeof(float);

        public override void Read(long offset, Span<byte> destination)
        {
            BytesRead += destination.Length;
            MemoryMarshal.AsBytes<float>(values).Slice((int)offset, destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Refuses every model, or those with an operator.</summary>
    private sealed class Refusing(string? opType = null) : IModelRunner
    {
        public IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> inputs, RunLimits limits, CancellationToken cancellationToken) =>
            opType is not null && model.Graph.Nodes.All(n => n.OpType != opType)
                ? new Execution.InProcessRunner().Run(model, inputs, limits, cancellationToken)
                : throw new ModelRunException("no");

        public IModelSession Load(string path, SessionSettings settings, RunLimits limits, CancellationToken cancellationToken) => throw new ModelRunException("no");
    }
}
