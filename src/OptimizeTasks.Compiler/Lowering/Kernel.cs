using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler.Rewriting;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>An operator of ONNX Runtime's own domain, and the execution providers that have a kernel for it.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Support">Where it runs.</param>
internal sealed record Kernel(string Name, params ImmutableArray<KernelSupport> Support) : TargetOperator(Name)
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string Domain = "com.microsoft";

    /// <summary>The version of that domain.</summary>
    private const long Version = 1;

    /// <summary>What the table of gains calls it, where the operator alone does not say what it takes the place of.</summary>
    public string MeasuredAs { get; init; } = Name;

    /// <summary>Whether it takes the place of several nodes.</summary>
    public bool MakesSmaller { get; init; } = true;

    /// <summary>Says in a model that it has such operators.</summary>
    public static void Declare(Model model) => model.Opsets.TryAdd(Domain, Version);

    /// <inheritdoc/>
    public override string? Refuse(long opset, CompilerOptions options)
    {
        if (options.Engine == Engine.Portable)
            return $"{Name} is ONNX Runtime's own, and Engine is Portable";
        return options.Providers.FirstOrDefault(p => On(p) is null) is { } other ? $"{other} has no kernel for {Name}" : null;
    }

    /// <inheritdoc/>
    public override string? RefuseType(ElementType type, CompilerOptions options) =>
        options.Providers.FirstOrDefault(p => On(p) is { } support && !support.Types.Contains(type)) is { } other ? $"{other} has no kernel for {Name} of {type}" : null;

    /// <inheritdoc/>
    public override string? RefuseGain(CompilerOptions options) => On(options.Providers[0]) is not { } support || support.IsWorthwhile(MakesSmaller) ? null
        : string.Create(CultureInfo.InvariantCulture, $"{Name} was measured on {support.Provider}: {support.Gain:F2} times as fast as what it would replace");

    private KernelSupport? On(string provider) => Support.FirstOrDefault(s => s.Provider == provider);
}
