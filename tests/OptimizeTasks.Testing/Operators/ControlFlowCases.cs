using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing.Operators;

/// <summary>Operators with graphs inside. All use the input <c>x</c>, which is f[n,3].</summary>
internal static class ControlFlowCases
{
    private static readonly OperatorHeading s_if = CaseReader.Heading("If 1 11 13 16 19 21 23 24 25");
    private static readonly OperatorHeading s_loop = CaseReader.Heading("Loop 1 11 13 16 19 21 23 24 25");
    private static readonly OperatorHeading s_scan = CaseReader.Heading("Scan 8 9 11 16 19 21 23 24 25");
    private static readonly OperatorHeading s_map = CaseReader.Heading("SequenceMap 17");
    private static readonly TensorType s_float = new(ElementType.Float);

    public static ImmutableArray<OperatorCase> All { get; } =
    [
        Case(s_if, "branches of one shape", (b, x) => If(b, b.Input("b[]")!, Relu(x), Twice(x, 1, wide: false), "y")),
        Case(s_if, "branches of two sizes", (b, x) => If(b, b.Input("b[]")!, Relu(x), Twice(x, 0), "y?")),
        Case(s_if, "branches of two ranks", (b, x) => If(b, b.Input("b[]")!, Relu(x), First(x), "y??"), first: 11),
        Case(s_if, "a condition that is known", (b, x) => If(b, b.Input("b=1")!, Relu(x), Twice(x, 0), "y")),
        Case(s_if, "an If in a branch", (b, x) =>
        {
            Value condition = b.Input("b[]")!;
            If(b, condition, Relu(x), g => g.Apply("If", [condition], "inner", Branches(g, Relu(x), Relu(x))), "y");
        }),

        Case(s_loop, "a state that keeps its shape", (b, x) => Loop(b, x, "i64=3", (g, s) => g.Apply("Add", [s, x], "next"), "y")),
        Case(s_loop, "a state that grows", (b, x) => Loop(b, x, "i64=3", (g, s) => g.Apply("Concat", [s, x], "next", [new IntAttribute("axis", 0)]), "y?")),
        Case(s_loop, "what the state is in every iteration", (b, x) => Loop(b, x, "i64=3", (g, s) => g.Apply("Add", [s, x], "next"), "y y?")),
        Case(s_loop, "iterations that follow from data", (b, x) => Loop(b, x, "~i64=2", (g, s) => g.Apply("Add", [s, x], "next"), "y y?")),
        Case(s_loop, "no limit but the condition", (b, x) => Loop(b, x, "_", (g, s) => g.Apply("Add", [s, x], "next"), "y y?", limited: false)),

        Case(s_scan, "a sum and its steps", (b, _) => Scan(b, "f[t,4]", []), first: 9),
        Case(s_scan, "along another axis, backwards", (b, _) => Scan(b, "f[4,t]", [Ints("scan_input_axes", 1), Ints("scan_input_directions", 1), Ints("scan_output_axes", 1)]), first: 9),
        Case(s_scan, "along an axis from the end", (b, _) => Scan(b, "f[4,t]", [Ints("scan_input_axes", -1), Ints("scan_output_axes", -1), Ints("scan_output_directions", 1)]), first: 11),
        Case(s_scan, "batches", (b, _) => ScanBatches(b, "_", []), last: 8),
        Case(s_scan, "batches backwards", (b, _) => ScanBatches(b, "_", [Ints("directions", 1)]), last: 8),
        Case(s_scan, "batches of two lengths", (b, _) => ScanBatches(b, "~i64(3,5)", []), last: 8, batch: 2),
        Case(s_scan, "batches of two constant lengths", (b, _) => ScanBatches(b, "i64(3,5)", []), last: 8, batch: 2),

        Case(s_map, "elements of one size", (b, _) => Map(b, "SequenceConstruct(f[n,3] f[n,3])")),
        Case(s_map, "elements of two sizes", (b, _) => Map(b, "SequenceConstruct(f[n,3] f[m,3])", "y?")),
    ];

    private static OperatorCase Case(OperatorHeading heading, string name, Action<CaseBuilder, Value> build, int first = 0, int last = int.MaxValue, long? batch = null) =>
        new(heading, first, last, name, batch is { } n ? new Dictionary<string, long[]> { ["n"] = [n, n] } : [], b => build(b, b.Input("f[n,3]")!));

    private static IntsAttribute Ints(string name, params long[] values) => new(name, [.. values]);

    private static Func<Graph, Value> Relu(Value x) => g => g.Apply("Relu", [x], "relu");

    private static Func<Graph, Value> Twice(Value x, int axis, bool wide = true) => g => wide
        ? g.Apply("Concat", [x, x], "twice", [new IntAttribute("axis", axis)])
        : g.Apply("Add", [x, x], "twice");

    private static Func<Graph, Value> First(Value x) => g => g.Apply("Gather", [x, g.AddInitializer("zero", Tensor.Create(ElementType.Int64, [], [0L]))], "first");

    private static void If(CaseBuilder builder, Value condition, Func<Graph, Value> then, Func<Graph, Value> otherwise, string outputs) =>
        builder.AddNode([condition], Branches(builder.Graph, then, otherwise), outputs);

    private static NodeAttribute[] Branches(Graph outer, Func<Graph, Value> then, Func<Graph, Value> otherwise) =>
        [new GraphAttribute("then_branch", Branch(outer, then)), new GraphAttribute("else_branch", Branch(outer, otherwise))];

    private static Graph Branch(Graph outer, Func<Graph, Value> build)
    {
        var branch = new Graph("branch", outer);
        branch.AddOutput(build(branch));
        return branch;
    }

    /// <summary>A loop with one state that starts as x; a second output collects it. Without a limit it ends behind the third iteration.</summary>
    private static void Loop(CaseBuilder builder, Value x, string count, Func<Graph, Value, Value> next, string outputs, bool limited = true)
    {
        var body = new Graph("body", builder.Graph);
        Value i = body.AddInput("i", new TensorType(ElementType.Int64, Shape.Scalar));
        Value go = body.AddInput("go", new TensorType(ElementType.Bool, Shape.Scalar));
        Value state = body.AddInput("state", s_float);
        body.AddOutput(limited
            ? body.Apply("Identity", [go], "goes_on")
            : body.Apply("Not", [body.Apply("Equal", [i, body.AddInitializer("two", Tensor.Create(ElementType.Int64, [], [2L]))], "last")], "goes_on"));
        Value result = next(body, state);
        body.AddOutput(result);
        if (outputs.Contains(' ', StringComparison.Ordinal))
            body.AddOutput(body.Apply("Identity", [result], "each"));
        builder.AddNode([builder.Input(count), limited ? null : builder.Input("b=1"), x], [new GraphAttribute("body", body)], outputs);
    }

    /// <summary>Adds up what is taken apart, and puts the steps together.</summary>
    private static void Scan(CaseBuilder builder, string sequence, NodeAttribute[] attributes) =>
        builder.AddNode([builder.Input("f[4]"), builder.Input(sequence)], [new IntAttribute("num_scan_inputs", 1), new GraphAttribute("body", Sum(builder)), .. attributes], "y y");

    /// <summary>The form of operator set 8: a batch before everything, and lengths as the first input.</summary>
    private static void ScanBatches(CaseBuilder builder, string lengths, NodeAttribute[] attributes) =>
        builder.AddNode([builder.Input(lengths), builder.Input("f[n,4]"), builder.Input("f[n,t,4]")], [new IntAttribute("num_scan_inputs", 1), new GraphAttribute("body", Sum(builder)), .. attributes], "y y");

    private static Graph Sum(CaseBuilder builder)
    {
        var body = new Graph("body", builder.Graph);
        Value sum = body.AddInput("sum", s_float);
        Value step = body.AddInput("step", s_float);
        Value next = body.Apply("Add", [sum, step], "next");
        body.AddOutput(next);
        body.AddOutput(body.Apply("Relu", [next], "each"));
        return body;
    }

    private static void Map(CaseBuilder builder, string sequence, string outputs = "y")
    {
        var body = new Graph("body", builder.Graph);
        Value element = body.AddInput("element", s_float);
        Value result = body.Apply("Relu", [element], "relu");
        result.Type = s_float;
        body.AddOutput(result);
        builder.AddNode([builder.Input(sequence)], [new GraphAttribute("body", body)], outputs);
    }
}
