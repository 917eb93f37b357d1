using OptimizeTasks.Onnx;

namespace OptimizeTasks.Testing.Operators;

/// <summary>A small model around one operator, with inputs to draw: one line of the catalogue.</summary>
public sealed class OperatorCase
{
    /// <summary>Two sizes for each symbol. <c>o</c> may be 1, <c>z</c> may be 0, <c>e</c> is even.</summary>
    private static readonly Dictionary<string, long[]> s_sizes = new(StringComparer.Ordinal)
    {
        ["n"] = [2, 3],
        ["m"] = [3, 5],
        ["k"] = [4, 6],
        ["s"] = [4, 3],
        ["t"] = [5, 8],
        ["h"] = [7, 10],
        ["w"] = [6, 9],
        ["d"] = [40, 57],
        ["e"] = [4, 8],
        ["o"] = [1, 3],
        ["z"] = [0, 2],
    };

    private readonly List<long> _opsets = [];
    private readonly List<long> _opsetsWithoutKernel = [];
    private readonly Action<CaseBuilder> _build;
    private readonly IReadOnlyDictionary<string, long[]> _sizes;

    internal OperatorCase(OperatorHeading heading, int first, int last, string text, IReadOnlyDictionary<string, long[]> sizes, Action<CaseBuilder> build)
    {
        Heading = heading;
        Text = text;
        _sizes = sizes;
        _build = build;
        int oldest = Math.Max(first, heading.Domain.Length == 0 ? OperatorCases.OldestOpset : 0);
        for (int i = 0; i < heading.Versions.Count; i++)
        {
            int version = heading.Versions[i];
            bool isOver = i + 1 < heading.Versions.Count && heading.Versions[i + 1] <= oldest;
            if (version <= last && !isOver)
                (heading.WithoutKernel.Contains(version) ? _opsetsWithoutKernel : _opsets).Add(Math.Max(version, oldest));
        }
    }

    /// <summary>How many sizes each symbol has.</summary>
    public const int Sizings = 2;

    /// <summary>The operator and its versions.</summary>
    public OperatorHeading Heading { get; }

    /// <summary>The line of the catalogue.</summary>
    public string Text { get; }

    /// <summary>The versions of the operator's domain to build the case in: one for each version of the operator that takes it.</summary>
    public IReadOnlyList<long> Opsets => _opsets;

    /// <summary>The first and the last of <see cref="Opsets"/>: what fits between is left to the long lane.</summary>
    public IEnumerable<long> Ends => _opsets.Count <= 2 ? _opsets : [_opsets[0], _opsets[^1]];

    /// <summary>The versions in which ONNX Runtime loads the case, but has no kernel for it.</summary>
    public IReadOnlyList<long> OpsetsWithoutKernel => _opsetsWithoutKernel;

    /// <summary>For instance <c>Concat f[n,3] f[n,2] | axis=1</c>.</summary>
    public string Name => $"{Heading.Name} {Text}";

    /// <summary>The model in a version of the operator's domain. Its outputs are those of the operator.</summary>
    /// <param name="opset">One of <see cref="Opsets"/>; any newer version is valid too as long as the operator did not change.</param>
    /// <param name="sizing">Which size symbols have; null leaves them symbols.</param>
    public Model Build(long opset, int? sizing = null)
    {
        CaseBuilder builder = Builder(sizing);
        long standard = Heading.Domain.Length == 0 ? opset : OperatorCases.OpsetAround;
        var model = new Model(builder.Graph) { IrVersion = OperatorCases.IrVersionOf(standard) };
        model.Opsets[""] = standard;
        if (Heading.Domain.Length > 0)
            model.Opsets[Heading.Domain] = opset;
        return model;
    }

    /// <summary>Inputs for the model, the same for the same seed.</summary>
    public IReadOnlyDictionary<string, Tensor> Draw(int sizing, int seed = 1)
    {
        var random = new Random(seed);
        return Builder(sizing).Drawings.ToDictionary(d => d.Key, d => d.Value(random), StringComparer.Ordinal);
    }

    /// <summary>The size of a symbol.</summary>
    public long? SizeOf(string symbol, int sizing) => _sizes.TryGetValue(symbol, out long[]? sizes) || s_sizes.TryGetValue(symbol, out sizes) ? sizes[sizing] : null;

    /// <summary>What the case says of the operator's outputs; null where one is left out.</summary>
    public IReadOnlyList<CaseOutput?> Outputs => Builder(0).Outputs;

    /// <inheritdoc/>
    public override string ToString() => Name;

    private CaseBuilder Builder(int? sizing)
    {
        var builder = new CaseBuilder(Heading, symbol => SizeOf(symbol, sizing ?? 0) ?? throw new FormatException($"{Name}: no size for '{symbol}'."), isSymbolic: sizing is null);
        _build(builder);
        return builder;
    }
}
