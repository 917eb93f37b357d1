using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler.Planning;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Compiler;

/// <summary>One of the graphs that a model is compiled to: when it is chosen, and what is asked of it.</summary>
public sealed record VariantRequest
{
    /// <summary>The name of a graph that is alone.</summary>
    public const string Default = "default";

    private const string Extension = ".onnx";

    /// <summary>The name, unique in a manifest.</summary>
    public required string Name { get; init; }

    /// <summary>When the graph is chosen.</summary>
    public VariantCondition When { get; init; } = new();

    /// <summary>What is asked of the graph. Requests of one model differ in what the phases from <see cref="Phase.Plan"/> on are asked for.</summary>
    public required CompilerOptions Options { get; init; }

    /// <summary>Whether the graph has the model's own name; the others have theirs behind it.</summary>
    private bool IsFirst { get; init; }

    /// <summary>
    /// The graphs that options ask for: one for each execution provider, in order of preference, and for each of them those
    /// for calls of certain sizes.
    /// </summary>
    public static ImmutableArray<VariantRequest> Of(CompilerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        VariantRequest[] general = options.Providers.Length <= 1
            ? [new VariantRequest { Name = Default, Options = options with { Variants = [] } }]
            : [.. options.Providers.Select(provider => ForProvider(provider, options))];
        general[0] = general[0] with { IsFirst = true };
        var names = new HashSet<string>(StringComparer.Ordinal);
        VariantRequest[] all = [.. general, .. general.SelectMany(request => options.Variants.Select(variant => ForSizes(request, variant, names)))];
        return all.Length == 1 || options.DumpFolder is not { } folder
            ? [.. all]
            : [.. all.Select(request => request with { Options = request.Options with { DumpFolder = Path.Combine(folder, request.Name) } })];
    }

    /// <summary>The name of the graph's file: <c>x.onnx</c> for the first one, <c>x.cpu.onnx</c> for another.</summary>
    /// <param name="modelName">The name of the model's file.</param>
    public string FileName(string modelName)
    {
        ArgumentNullException.ThrowIfNull(modelName);
        if (IsFirst)
            return modelName;
        string stem = modelName.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? modelName[..^Extension.Length] : modelName;
        return $"{stem}.{Name}{Extension}";
    }

    private static VariantRequest ForProvider(string provider, CompilerOptions options) => new()
    {
        Name = provider.ToLowerInvariant(),
        When = new VariantCondition { Provider = provider },
        Options = Able(options with { Providers = [provider], Variants = [] }),
    };

    /// <summary>One plan serves several providers: what one has no kernel for stays as it is in its graph.</summary>
    private static CompilerOptions Able(CompilerOptions options) => options.Plan is not { } plan ? options : options with
    {
        Plan = plan with
        {
            Nodes = [.. plan.Nodes.Select(node => FormatSupport.Refuse(node.Format, options) is { } why ? node with { Format = WeightFormat.Float, Why = why } : node)],
        },
    };

    private static VariantRequest ForSizes(VariantRequest general, SizedFormat variant, HashSet<string> names)
    {
        string format = variant.Plan is null ? variant.Quantization.ToString().ToLowerInvariant() : "plan";
        string name = general.Name == Default ? format : $"{general.Name}.{format}";
        for (int number = 2; !names.Add(name); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{(general.Name == Default ? "" : general.Name + ".")}{format}{number}");
        return new VariantRequest
        {
            Name = name,
            When = general.When with { Dimensions = general.When.Dimensions.Add(variant.Dimension, variant.Sizes) },
            Options = general.Options with
            {
                Quantization = variant.Quantization,
                Plan = variant.Plan,
                // A look-up takes as long in any format, and tables of the same format are stored once.
                Tables = variant.Quantization == QuantizationMode.None || general.Options.Plan is not null ? null : general.Options.Quantization,
            },
        };
    }
}
