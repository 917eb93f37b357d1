using OptimizeTasks.Onnx;
using static OptimizeTasks.Compiler.Tests.Rules.Rule;

namespace OptimizeTasks.Compiler.Tests.Raising;

public class RearrangementTests
{
    private static readonly Dictionary<string, (string Operators, Func<Graph, Value> Build)> s_cases = new()
    {
        ["depth to space, blocks first"] = ("DepthToSpace", g => Move(g, Picture(g, 12, 3, 5), [0, 2, 2, 3, 3, 5], [0, 3, 4, 1, 5, 2], [0, 3, 6, 10])),
        ["depth to space, channels first, as PixelShuffle"] = ("DepthToSpace", g => Move(g, Picture(g, 12, 3, 5), [0, 3, 2, 2, 3, 5], [0, 1, 4, 2, 5, 3], [0, 3, 6, 10])),
        ["space to depth"] = ("SpaceToDepth", g => Move(g, Picture(g, 3, 6, 9), [0, 3, 2, 3, 3, 3], [0, 3, 5, 1, 2, 4], [0, 27, 2, 3])),
        ["blocks that are not square"] = ("Reshape Transpose Reshape", g => Move(g, Picture(g, 12, 3, 5), [0, 4, 1, 3, 3, 5], [0, 3, 4, 1, 5, 2], [0, 3, 12, 5])),
        ["channels first, as PixelUnshuffle"] = ("Reshape Transpose Reshape", g => Move(g, Picture(g, 3, 6, 9), [0, 3, 2, 3, 3, 3], [0, 1, 3, 5, 2, 4], [0, 27, 2, 3])),
        ["rows and columns in one"] = ("Reshape Transpose Reshape", g => Move(g, Picture(g, 12, 3, 5), [0, 2, 2, 3, 3, 5], [0, 3, 4, 1, 5, 2], [0, 3, 60])),
        ["the height is parted elsewhere"] = ("Reshape Transpose Reshape", g => Move(g, Picture(g, 12, 4, 4), [0, 2, 2, 3, 2, 8], [0, 3, 4, 1, 5, 2], [0, 3, 4, 16])),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Blocks_that_move_between_channels_and_pictures_are_one_node(string name) => Assert.Equal(s_cases[name].Operators, Operators(Model(18, s_cases[name].Build)));

    [Fact]
    public void What_is_used_elsewhere_stays() => Assert.DoesNotContain("DepthToSpace", Operators(Model(18, g =>
    {
        Value result = s_cases["depth to space, blocks first"].Build(g);
        g.AddOutput(g.Nodes.First().Output);
        return result;
    })), StringComparison.Ordinal);

    private static Value Picture(Graph g, long channels, long height, long width) => g.NamedInput("x", "batch", channels, height, width);

    private static Value Move(Graph g, Value x, long[] parted, long[] permutation, long[] result) =>
        g.Op("Reshape", g.Op("Transpose", IntList("perm", permutation), g.Op("Reshape", x, Sizes(g, parted))), Sizes(g, result));

    private static Value Sizes(Graph g, long[] sizes) => g.AddInitializer("sizes", Tensor.OfInt64(sizes));
}
