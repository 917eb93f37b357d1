using static OptimizeTasks.Onnx.Tests.Shapes.Attributes;

namespace OptimizeTasks.Onnx.Tests.Shapes;

/// <summary>Subgraphs, sequences, and what must not go wrong whatever the graph is.</summary>
public class ControlFlowTests
{
    [Fact]
    public void Branches_agree_on_what_is_known()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        Graph then = Branch(s, g => g.Apply("Relu", [x], "a"));
        Graph otherwise = Branch(s, g => g.Apply("Concat", [x, x], "b", [Int("axis", 0)]));
        Value y = s.Apply("If", [s.Input(ElementType.Bool)], new GraphAttribute("then_branch", then), new GraphAttribute("else_branch", otherwise));
        s.Check(y, "[?, 4]");
    }

    [Fact]
    public void A_known_condition_picks_its_branch()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        Value size = s.Apply("Squeeze", [s.Apply("Shape", [x], Int("start", 1))]);
        Graph then = Branch(s, g => g.Apply("Relu", [x], "a"));
        Graph otherwise = Branch(s, g => g.Apply("Transpose", [x], "b"));
        Value y = s.Apply("If", [s.Apply("Equal", [size, s.Number(4)])], new GraphAttribute("then_branch", then), new GraphAttribute("else_branch", otherwise));
        s.Check(y, "[n, 4]");
    }

    [Fact]
    public void A_loop_keeps_the_sizes_that_do_not_change()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        var body = new Graph("body", s.Graph);
        body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value go = body.AddInput("go", new TensorType(ElementType.Bool, Shape.Scalar));
        Value kept = body.AddInput("kept", new TensorType(ElementType.Float));
        Value grown = body.AddInput("grown", new TensorType(ElementType.Float));
        body.AddOutput(body.Apply("Identity", [go], "goes_on"));
        body.AddOutput(body.Apply("Add", [kept, x], "kept_out"));
        body.AddOutput(body.Apply("Concat", [grown, x], "grown_out", [Int("axis", 0)]));
        body.AddOutput(body.Apply("ReduceSum", [kept], "scanned", [Int("keepdims", 0)]));
        Value[] y = s.ApplyMany("Loop", 3, [s.Number(3), null, x, x], new GraphAttribute("body", body));
        s.Check((y[0], ElementType.Float, "[n, 4]"), (y[1], ElementType.Float, "[?, 4]"), (y[2], ElementType.Float, "[?]"));
    }

    [Fact]
    public void A_loop_whose_state_changes_its_rank()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        var body = new Graph("body", s.Graph);
        body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value go = body.AddInput("go", new TensorType(ElementType.Bool, Shape.Scalar));
        Value state = body.AddInput("state", new TensorType(ElementType.Float));
        body.AddOutput(body.Apply("Identity", [go], "goes_on"));
        Value deeper = body.Apply("Unsqueeze", [state, s.List(0)], "deeper");
        body.AddOutput(deeper);
        Value y = s.Apply("Loop", [s.Number(2), null, x], new GraphAttribute("body", body));
        s.Check(y, "");
        Assert.Null(deeper.Shape);
    }

    [Fact]
    public void A_scan_takes_apart_and_puts_together()
    {
        var s = new Scenario();
        Value state = s.Input("n");
        Value sequence = s.Input("t", "n");
        var body = new Graph("body", s.Graph);
        Value sum = body.AddInput("sum", new TensorType(ElementType.Float));
        Value step = body.AddInput("step", new TensorType(ElementType.Float));
        Value next = body.Apply("Add", [sum, step], "next");
        body.AddOutput(next);
        body.AddOutput(body.Apply("Relu", [next], "each"));
        Value[] y = s.ApplyMany("Scan", 2, [state, sequence], Int("num_scan_inputs", 1), new GraphAttribute("body", body));
        s.Check((y[0], ElementType.Float, "[n]"), (y[1], ElementType.Float, "[t, n]"));
    }

    [Fact]
    public void Sequences()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        Value pair = s.Apply("SequenceConstruct", [x, s.Input(3, 4)]);
        Value element = s.Apply("SequenceAt", [pair, s.Number(0)]);
        s.Check((element, ElementType.Float, "[n, 4]"), (s.Apply("SequenceLength", [pair]), ElementType.Int64, "[]"));
    }

    [Fact]
    public void Declared_types_stay_where_nothing_is_inferred()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"))));
        Value y = graph.Apply("Secret", [x], "y", domain: "vendor");
        y.Type = new TensorType(ElementType.Float, Shape.Of(2, 3));
        Value z = graph.Apply("Relu", [y], "z");
        z.Type = new TensorType(ElementType.Int64, Shape.Of(2, 4));
        graph.AddOutput(z);
        ShapeFacts facts = ShapeInference.Run(graph, []);
        Assert.Equal("[2, 3]", y.Shape!.ToString());
        Assert.Equal("Float[2, 3]", $"{z.ElementType}{z.Shape}");
        Assert.Same(z, Assert.Single(facts.Conflicts).Value);
    }

    [Fact]
    public void Names_of_output_sizes_stay()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"))));
        Value twice = graph.Apply("Concat", [x, x], "twice", [Int("axis", 0)]);
        twice.Type = new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("twice_n")));
        Value thrice = graph.Apply("Concat", [x, twice], "thrice", [Int("axis", 0)]);
        thrice.Type = new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n")));
        graph.AddOutput(twice);
        graph.AddOutput(thrice);
        ShapeInference.Run(graph, []);
        Assert.Equal("[twice_n]", twice.Shape!.ToString());
        Assert.Equal("[3*n]", thrice.Shape!.ToString());
    }

    [Fact]
    public void One_node_can_be_inferred_alone()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(Dimension.OfSymbol("n"), Dimension.Of(4))));
        graph.AddOutput(graph.Apply("Relu", [x], "y"));
        ShapeFacts facts = ShapeInference.Run(graph, []);
        Value shape = graph.Apply("Shape", [x], "shape");
        facts.Update(shape.Producer!);
        Assert.Equal("n, 4", string.Join(", ", facts.ValueOf(shape)!));
    }

    [Fact]
    public void Running_again_changes_nothing()
    {
        var s = new Scenario();
        Value x = s.Input("n", 4);
        Value places = s.Apply("NonZero", [x]);
        Value y = s.Apply("MatMul", [x, s.Zeros(4, 2)]);
        Model model = s.Model();
        ShapeInference.Run(model);
        ShapeInference.Run(model);
        Assert.Equal("[2, ?]", places.Shape!.ToString());
        Assert.Equal("[n, 2]", y.Shape!.ToString());
    }

    [Fact]
    public void Every_operator_survives_inputs_and_attributes_that_make_no_sense()
    {
        OnnxType?[] types =
        [
            null,
            new TensorType(ElementType.Float),
            new TensorType(ElementType.Int64, Shape.Scalar),
            new TensorType(ElementType.Float, Shape.Of(0, 3)),
            new TensorType(ElementType.Int64, new Shape(Dimension.OfSymbol("n"), Dimension.Of(long.MaxValue), Dimension.Unknown())),
            new SequenceType(null),
        ];
        long[] numbers = [long.MinValue, -1, 0, 1, long.MaxValue];
        var random = new Random(1);
        foreach ((string domain, string opType) in OptimizeTasks.Onnx.Shapes.OperatorTable.Instance.Types.Keys)
        {
            for (int i = 0; i < 60; i++)
            {
                var graph = new Graph();
                Value?[] inputs = [.. Enumerable.Range(0, random.Next(0, 7)).Select(_ => Draw(graph))];
                Node node = graph.AddNode(opType, inputs, domain);
                foreach (string name in new[] { "axis", "axes", "kernel_shape", "strides", "pads", "dilations", "perm", "split", "to", "blocksize", "shape", "num_heads", "k", "group", "sample_size", "start", "end", "starts", "ends", "batch_dims" })
                {
                    if (random.Next(2) == 0)
                        node.SetAttribute(random.Next(2) == 0 ? Int(name, numbers[random.Next(5)]) : Ints(name, [.. Enumerable.Range(0, random.Next(4)).Select(_ => numbers[random.Next(5)])]));
                }

                for (int output = 0; output < 3; output++)
                    node.SetOutput(output, graph.AddValue($"y{output}"));
                ShapeInference.Run(graph, [KeyValuePair.Create("", (long)random.Next(1, 25))]);
            }
        }

        Value? Draw(Graph graph) => random.Next(6) switch
        {
            0 => null,
            1 => graph.AddInitializer("constant", Tensor.OfInt64([.. Enumerable.Range(0, random.Next(5)).Select(_ => numbers[random.Next(5)])])),
            _ => graph.AddInput(graph.UniqueName("x"), types[random.Next(types.Length)]),
        };
    }

    [Fact]
    public void Types_do_not_nest_without_end()
    {
        var graph = new Graph();
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)));
        for (int i = 0; i < 20_000; i++)
            x = graph.Apply("SequenceConstruct", [x], "x");
        ShapeInference.Run(graph, []);
        Assert.Null(x.Type);
    }

    [Fact]
    public void Expressions_do_not_take_longer_the_larger_they_could_be()
    {
        var s = new Scenario();
        Value size = s.Apply("Shape", [s.Input("a", "b", "c", "d", "e", "f")]);
        for (int i = 0; i < 300; i++)
        {
            Value turned = s.Apply("Gather", [size, s.List(1, 2, 3, 4, 5, 0)]);
            size = s.Apply(i % 2 == 0 ? "Max" : "Min", [s.Apply("Add", [size, turned]), s.Apply("Div", [s.Apply("Mul", [size, turned]), s.List(3)])]);
        }

        Model model = s.Model();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        ShapeInference.Run(model);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public void Nested_loops_take_linear_time()
    {
        Graph outer = new();
        Value x = outer.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)));
        Graph graph = outer;
        for (int depth = 0; depth < 40; depth++)
        {
            var body = new Graph("body", graph);
            body.AddInput($"i{depth}");
            Value go = body.AddInput($"go{depth}");
            Value state = body.AddInput($"state{depth}");
            body.AddOutput(go);
            body.AddOutput(state);
            graph.Apply("Loop", [null, null, x], "y", [new GraphAttribute("body", body)]);
            graph = body;
        }

        ShapeInference.Run(outer, []);
    }

    private static Graph Branch(Scenario s, Func<Graph, Value> build)
    {
        var branch = new Graph("branch", s.Graph);
        branch.AddOutput(build(branch));
        return branch;
    }
}
