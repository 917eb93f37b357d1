using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Rules;

public class FunctionTests
{
    [Fact]
    public void Calls_are_replaced_by_the_body_also_in_functions_and_subgraphs()
    {
        Model model = Model(17, g =>
        {
            Value x = g.Input(2, 3);
            Value twice = g.Apply("Twice", [x], "twice", domain: "local");
            Value again = g.Apply("Twice", [twice], "again", domain: "local");
            var branch = new Graph("then", g);
            branch.AddOutput(branch.Apply("Shift", [again], "b", domain: "local"));
            var other = new Graph("else", g);
            other.AddOutput(other.Apply("Neg", [again], "n"));
            Value condition = g.Apply("Cast", [g.Apply("ReduceMax", [x], "max", [Int("keepdims", 0)])], "condition", [Int("to", (long)ElementType.Bool)]);
            return g.Apply("If", [condition], "y", [new GraphAttribute("then_branch", branch), new GraphAttribute("else_branch", other)]);
        });
        model.Opsets["local"] = 1;
        AddShift(model);
        AddFunction(model, "Twice", f => f.Apply("Mul", [f.Apply("Shift", [f.AddInput("a")], "m", domain: "local"), f.Apply("Shift", [f.Inputs[0]], "n", domain: "local")], "r"));

        CompilationResult result = Compile(model);

        Assert.Empty(result.Model.Functions);
        Assert.All(result.Model.Graph.AllNodes(), n => Assert.Empty(n.Domain));
    }

    [Fact]
    public void Attributes_of_the_call_and_defaults_reach_the_body()
    {
        Model model = Model(17, g => g.Apply("Leak", [g.Apply("Leak", [g.Input(2, 3)], "a", [Number("slope", 0.25f)], "local")], "y", domain: "local"));
        model.Opsets["local"] = 1;
        var body = new Graph("Leak");
        Value output = body.Apply("LeakyRelu", [body.AddInput("x")], "r", [new ReferenceAttribute("alpha", "slope", AttributeKind.Float)]);
        body.AddOutput(output);
        model.Functions.Add(new Function("local", "Leak", null, body) { AttributeDefaults = [new FloatAttribute("slope", 0.5f)], Opsets = Opsets(17) });

        CompilationResult result = Compile(model);

        Assert.Equal([0.25f, 0.5f], result.Model.Graph.Nodes.Select(n => n.FloatAttribute("alpha")));
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        Model model = Model(17, g => g.Apply("Loop", [g.Input(2, 3)], "y", domain: "local"));
        model.Opsets["local"] = 1;
        AddFunction(model, "Loop", f => f.Apply("Loop", [f.AddInput("x")], "r", domain: "local"));

        Assert.Equal("OPT1007", Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions()).Compile(model)).Diagnostic.Code);
    }

    [Fact]
    public void A_used_output_that_the_call_leaves_without_value_is_refused()
    {
        // The body returns its second input as it is, which the call does not give.
        Model model = Model(17, g => g.Apply("Second", [g.Input(2, 3)], "y", domain: "local"));
        model.Opsets["local"] = 1;
        AddFunction(model, "Second", f =>
        {
            f.AddInput("a");
            return f.AddInput("b");
        });

        Assert.Equal("OPT1007", Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions()).Compile(model)).Diagnostic.Code);
    }

    [Fact]
    public void A_used_output_that_the_function_does_not_have_is_refused()
    {
        Model model = Model(17, g =>
        {
            Node call = g.AddNode("Copy", [g.Input(2, 3)], "local");
            call.SetOutput(0, g.AddValue("first"));
            Value second = g.AddValue("second");
            call.SetOutput(1, second);
            return g.Apply("Neg", [second], "y");
        });
        model.Opsets["local"] = 1;
        AddFunction(model, "Copy", f => f.Apply("Identity", [f.AddInput("x")], "r"));

        Assert.Equal("OPT1007", Assert.Throws<CompilationException>(() => new ModelCompiler(new CompilerOptions()).Compile(model)).Diagnostic.Code);
    }

    [Fact]
    public void A_function_in_an_operator_set_that_reads_it_otherwise_stays_a_call()
    {
        Model model = Model(17, g => g.Apply("Sum1", [g.Input(2, 3)], "y", domain: "local"));
        model.Opsets["local"] = 1;
        AddFunction(model, "Sum1", f => f.Apply("Softmax", [f.AddInput("x")], "r"), opset: 11);

        CompilationResult result = new ModelCompiler(new CompilerOptions()).Compile(model);

        Assert.Single(result.Model.Functions);
        Assert.Equal(17, result.Model.Opset);
    }

    private static void AddShift(Model model) => AddFunction(model, "Shift", f => f.Apply("Add", [f.AddInput("x"), f.Apply("Constant", [], "one", [Number("value_float", 1)])], "r"));

    private static void AddFunction(Model model, string name, Func<Graph, Value> build, long opset = 17)
    {
        var body = new Graph(name);
        body.AddOutput(build(body));
        model.Functions.Add(new Function("local", name, null, body) { Opsets = Opsets(opset) });
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, long> Opsets(long opset) =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [new KeyValuePair<string, long>("", opset), new("local", 1)]);
}
