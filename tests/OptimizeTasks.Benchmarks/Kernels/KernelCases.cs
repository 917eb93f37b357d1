using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Benchmarks.Kernels;

/// <summary>
/// The coverings that lowering chooses between, at sizes of real models: MiniLM, BERT and ViT, GPT-2, and Llama-shaped ones.
/// </summary>
internal static class KernelCases
{
    private const float Epsilon = 1e-5f;

    public static ImmutableArray<KernelCase> All { get; } =
    [
        .. Sizes([1, 128, 384], [1, 128, 768], [1, 1, 768]).SelectMany(SkipLayerNormalization),
        .. Sizes([1, 3136, 96], [1, 196, 384], [1, 1, 768]).Select(LayerNormalization),
        .. Sizes([1, 64, 2048], [1, 1, 2048]).Select(SkipSimplifiedLayerNormalization),
        .. Sizes([1, 128, 1536], [1, 128, 3072], [1, 1, 3072]).SelectMany(Gelu),
        .. Sizes([1, 64, 5632], [1, 1, 5632]).Select(QuickGelu),
        .. Sizes([1, 128, 384], [1, 128, 768], [1, 512, 768]).SelectMany(Attention),
        .. Sizes([128, 768], [16, 768]).Select(Gemm),
        .. Sizes([1, 128, 128], [12, 64, 64]).SelectMany(FusedMatMul),
        .. Sizes([1, 128, 384], [1, 128, 768], [1, 1, 768]).Select(GatherBlockQuantized),
    ];

    private static IEnumerable<long[]> Sizes(params long[][] sizes) => sizes;

    private static IEnumerable<KernelCase> SkipLayerNormalization(long[] sizes)
    {
        long width = sizes[^1];
        yield return new("SkipLayerNormalization", "Add, LayerNormalization", sizes,
            (g, x) => g.Op("LayerNormalization", [new FloatAttribute("epsilon", Epsilon)], g.Op("Add", x, g.Op("Neg", x)), g.Vector(width, 2), g.Vector(width, 1)),
            (g, x) => g.Own("SkipLayerNormalization", [new FloatAttribute("epsilon", Epsilon)], x, g.Op("Neg", x), g.Vector(width, 2), g.Vector(width, 1)));
        yield return new("SkipLayerNormalization", "Add, Add, LayerNormalization", sizes,
            (g, x) => g.Op("LayerNormalization", [new FloatAttribute("epsilon", Epsilon)], g.Op("Add", x, g.Op("Add", x, g.Vector(width, 0.5f))), g.Vector(width, 2), g.Vector(width, 1)),
            (g, x) => g.Own("SkipLayerNormalization", [new FloatAttribute("epsilon", Epsilon)], x, x, g.Vector(width, 2), g.Vector(width, 1), g.Vector(width, 0.5f)));
    }

    private static KernelCase LayerNormalization(long[] sizes) => new("LayerNormalization", "LayerNormalization", sizes,
        (g, x) => g.Op("LayerNormalization", [new FloatAttribute("epsilon", Epsilon)], x, g.Vector(sizes[^1], 2), g.Vector(sizes[^1], 1)),
        (g, x) => g.Op("Reshape",
            g.Own("SkipLayerNormalization", [new FloatAttribute("epsilon", Epsilon)], g.Op("Reshape", x, g.Integers(-1, 1, sizes[^1])), g.Op("Unsqueeze", g.Vector(sizes[^1], 0), g.Integers(0)), g.Vector(sizes[^1], 2), g.Vector(sizes[^1], 1)),
            g.Integers(sizes)));

    private static KernelCase SkipSimplifiedLayerNormalization(long[] sizes) => new("SkipSimplifiedLayerNormalization", "Add, RMSNormalization", sizes,
        (g, x) => g.Op("RMSNormalization", [new FloatAttribute("epsilon", Epsilon)], g.Op("Add", x, x), g.Vector(sizes[^1], 2)),
        (g, x) => g.Own("SkipSimplifiedLayerNormalization", [new FloatAttribute("epsilon", Epsilon)], x, x, g.Vector(sizes[^1], 2)));

    private static IEnumerable<KernelCase> Gelu(long[] sizes)
    {
        long width = sizes[^1];
        yield return new("BiasGelu", "Add, Gelu", sizes, (g, x) => g.Op("Gelu", g.Op("Add", x, g.Vector(width, 0.5f))), (g, x) => g.Own("BiasGelu", [], x, g.Vector(width, 0.5f)));
        yield return new("FastGelu", "Add, Gelu by tanh", sizes,
            (g, x) => g.Op("Gelu", [new StringAttribute("approximate", "tanh")], g.Op("Add", x, g.Vector(width, 0.5f))),
            (g, x) => g.Own("FastGelu", [], x, g.Vector(width, 0.5f)));
    }

    private static KernelCase QuickGelu(long[] sizes) => new("QuickGelu", "Swish", sizes,
        (g, x) => g.Op("Swish", x), (g, x) => g.Own("QuickGelu", [new FloatAttribute("alpha", 1)], x));

    private static IEnumerable<KernelCase> Attention(long[] sizes)
    {
        long width = sizes[^1], heads = width / 64;
        NodeAttribute[] standard = [new IntAttribute("q_num_heads", heads), new IntAttribute("kv_num_heads", heads)];
        yield return new("MultiHeadAttention", "Attention", sizes, (g, x) => g.Op("Attention", standard, x, x, x), (g, x) => g.Own("MultiHeadAttention", [new IntAttribute("num_heads", heads)], x, x, x));
        yield return new("PackProjections", "three MatMul with Add, Attention", sizes,
            (g, x) => g.Op("Attention", standard, Linear(g, x, width, width), Linear(g, x, width, width), Linear(g, x, width, width)),
            (g, x) =>
            {
                Value[] parts = g.Split(Linear(g, x, width, 3 * width), -1, width, width, width);
                return g.Op("Attention", standard, parts[0], parts[1], parts[2]);
            });
        yield return new("Attention", "three MatMul with Add, Attention", sizes,
            (g, x) => g.Op("Attention", standard, Linear(g, x, width, width), Linear(g, x, width, width), Linear(g, x, width, width)),
            (g, x) => g.Own("Attention", [new IntAttribute("num_heads", heads)], x, g.Matrix(width, 3 * width), g.Vector(3 * width, 0.1f)));
    }

    private static KernelCase Gemm(long[] sizes) => new("Gemm", "MatMul, Add", sizes,
        (g, x) => Linear(g, x, sizes[1], sizes[1]), (g, x) => g.Op("Gemm", x, g.Matrix(sizes[1], sizes[1]), g.Vector(sizes[1], 0.1f)));

    private static IEnumerable<KernelCase> FusedMatMul(long[] sizes)
    {
        yield return new("FusedMatMul", "Transpose, MatMul", sizes,
            (g, x) => g.Op("MatMul", x, g.Op("Transpose", [new IntsAttribute("perm", [0, 2, 1])], x)), (g, x) => g.Own("FusedMatMul", [new IntAttribute("transB", 1)], x, x));
        yield return new("FusedMatMul", "MatMul, Mul", sizes,
            (g, x) => g.Op("Mul", g.Op("MatMul", x, x), g.Number(0.125f)), (g, x) => g.Own("FusedMatMul", [new FloatAttribute("alpha", 0.125f)], x, x));
    }

    /// <summary>A row of a table in blocks of 8 bits for each position, added to the input.</summary>
    private static KernelCase GatherBlockQuantized(long[] sizes)
    {
        const long Rows = 30000, Block = 32;
        long blocks = sizes[^1] / Block;
        return new("GatherBlockQuantized", "Gather, DequantizeLinear, Gather, Mul", sizes,
            (g, x) =>
            {
                Value indices = g.Indices(Rows, sizes[..^1]);
                Value numbers = g.Op("DequantizeLinear", g.Op("Gather", g.Codes(Rows, blocks, Block), indices), g.Number(1), g.Code(128));
                return g.Op("Add", x, g.Op("Reshape", g.Op("Mul", numbers, g.Op("Gather", g.Matrix(Rows, blocks, 1), indices)), g.Integers(sizes)));
            },
            (g, x) => g.Op("Add", x, g.Own("GatherBlockQuantized", [new IntAttribute("bits", 8), new IntAttribute("block_size", Block), new IntAttribute("quantize_axis", 1)],
                g.Codes(Rows, sizes[^1]), g.Indices(Rows, sizes[..^1]), g.Matrix(Rows, blocks))));
    }

    private static Value Linear(KernelGraph g, Value x, long from, long to) => g.Op("Add", g.Op("MatMul", x, g.Matrix(from, to)), g.Vector(to, 0.1f));
}
