using OptimizeTasks.Compiler.Tests.Rules;
using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class RotaryTests
{
    private static readonly Dictionary<string, Func<Graph, Value>> s_raised = new()
    {
        ["halves, cosines of repeated angles"] = g => Halves(g, X(g), g.Op("Cos", Twice(g, Angles(g))), g.Op("Sin", Twice(g, Angles(g)))),
        ["halves, repeated cosines"] = g => Halves(g, X(g), Twice(g, g.Op("Cos", Angles(g))), Twice(g, g.Op("Sin", Angles(g)))),
        ["half by half"] = g => HalfByHalf(g, X(g), Angles(g)),
        ["the same angles for the whole batch"] = g => HalfByHalf(g, X(g), Angles(g, 1)),
        ["neighbours, pair by pair"] = g => Pairs(g, X(g), Angles(g)),
        ["neighbours, repeated cosines"] = g => Neighbours(g, X(g), Angles(g)),
        ["a part, halves"] = g => Partial(g, 12, x => HalfByHalf(g, x, Angles(g))),
        ["a part, neighbours"] = g => Partial(g, 12, x => Pairs(g, x, Angles(g))),
        ["a part by Split"] = g =>
        {
            Value first = g.Op("Split", Int("axis", -1), X(g, 12), g.Ints(8, 4));
            Value rest = g.AddValue("rest");
            first.Producer!.SetOutput(1, rest);
            return g.Op("Concat", Int("axis", -1), HalfByHalf(g, first, Angles(g)), rest);
        },
    };

    private static readonly Dictionary<string, Func<Graph, Value>> s_kept = new()
    {
        ["the other half is negated"] = g =>
        {
            Value x = X(g);
            (Value lower, Value upper) = Parts(g, x, 4);
            Value turned = g.Op("Concat", Int("axis", -1), g.Op("Neg", lower), upper);
            return g.Op("Add", g.Op("Mul", x, Heads(g, Twice(g, g.Op("Cos", Angles(g))))), g.Op("Mul", turned, Heads(g, Twice(g, g.Op("Sin", Angles(g))))));
        },
        ["unequal parts"] = g =>
        {
            Value x = X(g);
            (Value lower, Value upper) = Parts(g, x, 3);
            Value turned = g.Op("Concat", Int("axis", -1), g.Op("Neg", upper), lower);
            return g.Op("Add", g.Op("Mul", x, Heads(g, Twice(g, g.Op("Cos", Angles(g))))), g.Op("Mul", turned, Heads(g, Twice(g, g.Op("Sin", Angles(g))))));
        },
        ["angles for each head"] = g => HalfByHalf(g, X(g), g.NamedInput("angles", "batch", 2, "tokens", 4), heads: false),
        ["the sum for the difference"] = g => HalfByHalf(g, X(g), Angles(g), "Add"),
        ["every third"] = g => Pairs(g, X(g, 12), g.NamedInput("angles", "batch", "tokens", 4), 3),
    };

    public static TheoryData<string> Raised => [.. s_raised.Keys];

    public static TheoryData<string> Kept => [.. s_kept.Keys];

    [Theory]
    [MemberData(nameof(Raised))]
    public void A_rotation_is_one_node(string name)
    {
        string[] operators = Operators(Model(18, s_raised[name])).Split(' ');
        Assert.Single(operators, "RotaryEmbedding");
        Assert.Empty(operators.Intersect(["Mul", "Slice", "Split", "Neg", "Add", "Sub"]));
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_only_resembles_one_stays(string name) => Assert.DoesNotContain("RotaryEmbedding", Operators(Model(18, s_kept[name])).Split(' '));

    [Fact]
    public void A_part_that_is_not_the_first_stays_beside() => Assert.Contains("Concat", Operators(Model(18, g =>
    {
        (Value rest, Value last) = Parts(g, X(g, 12), 4);
        return g.Op("Concat", Int("axis", -1), HalfByHalf(g, last, Angles(g)), rest);
    })).Split(' '));

    private static Value X(Graph g, long size = 8) => g.NamedInput("x", "batch", 2, "tokens", size);

    private static Value Angles(Graph g, object? batch = null) => g.Inputs.FirstOrDefault(i => i.Name == "angles") ?? g.NamedInput("angles", batch ?? "batch", "tokens", 4);

    private static Value Twice(Graph g, Value x) => g.Op("Concat", Int("axis", -1), x, x);

    private static Value Heads(Graph g, Value x) => g.Op("Unsqueeze", x, g.Ints(1));

    private static (Value First, Value Second) Parts(Graph g, Value x, long at) =>
        (g.Op("Slice", x, g.Ints(0), g.Ints(at), g.Ints(3)), g.Op("Slice", x, g.Ints(at), g.Ints(long.MaxValue), g.Ints(3)));

    private static Value Halves(Graph g, Value x, Value cosines, Value sines)
    {
        (Value lower, Value upper) = Parts(g, x, 4);
        Value turned = g.Op("Concat", Int("axis", -1), g.Op("Neg", upper), lower);
        return g.Op("Add", g.Op("Mul", x, Heads(g, cosines)), g.Op("Mul", turned, Heads(g, sines)));
    }

    private static Value HalfByHalf(Graph g, Value x, Value angles, string difference = "Sub", bool heads = true)
    {
        (Value lower, Value upper) = Parts(g, x, 4);
        (Value first, Value second) = Turned(g, lower, upper, angles, difference, heads);
        return g.Op("Concat", Int("axis", -1), first, second);
    }

    private static (Value First, Value Second) Turned(Graph g, Value a, Value b, Value angles, string difference = "Sub", bool heads = true)
    {
        Value cosines = g.Op("Cos", angles), sines = g.Op("Sin", angles);
        if (heads)
            (cosines, sines) = (Heads(g, cosines), Heads(g, sines));
        return (g.Op(difference, g.Op("Mul", a, cosines), g.Op("Mul", b, sines)), g.Op("Add", g.Op("Mul", b, cosines), g.Op("Mul", a, sines)));
    }

    private static Value Every(Graph g, Value x, long first, long step = 2) => g.Op("Slice", x, g.Ints(first), g.Ints(long.MaxValue), g.Ints(3), g.Ints(step));

    private static Value Stacked(Graph g, Value a, Value b, params long[] sizes) =>
        g.Op("Reshape", g.Op("Concat", Int("axis", -1), g.Op("Unsqueeze", a, g.Ints(-1)), g.Op("Unsqueeze", b, g.Ints(-1))), g.Ints(sizes));

    private static Value Pairs(Graph g, Value x, Value angles, long step = 2)
    {
        (Value first, Value second) = Turned(g, Every(g, x, 0, step), Every(g, x, 1, step), angles);
        return Stacked(g, first, second, 0, 0, 0, -1);
    }

    private static Value Neighbours(Graph g, Value x, Value angles)
    {
        Value cosines = g.Op("Cos", angles), sines = g.Op("Sin", angles);
        Value turned = Stacked(g, g.Op("Neg", Every(g, x, 1)), Every(g, x, 0), 0, 0, 0, -1);
        return g.Op("Add", g.Op("Mul", x, Heads(g, Stacked(g, cosines, cosines, 0, 0, -1))), g.Op("Mul", turned, Heads(g, Stacked(g, sines, sines, 0, 0, -1))));
    }

    private static Value Partial(Graph g, long size, Func<Value, Value> turn)
    {
        (Value first, Value rest) = Parts(g, X(g, size), 8);
        return g.Op("Concat", Int("axis", -1), turn(first), rest);
    }
}
