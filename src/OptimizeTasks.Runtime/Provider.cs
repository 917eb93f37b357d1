using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Runtime.Providers;

namespace OptimizeTasks.Runtime;

/// <summary>
/// An execution provider with its options. The names are those of the build's <c>Providers</c>; derived types have typed
/// options, and <see cref="ExtraOptions"/> takes any other of ONNX Runtime's.
/// </summary>
public abstract record Provider
{
    /// <summary>The processor. Always there.</summary>
    public static Provider Cpu { get; } = new CpuProvider();

    /// <summary>NVIDIA GPUs through CUDA and cuDNN.</summary>
    public static CudaProvider Cuda { get; } = new();

    /// <summary>NVIDIA GPUs through TensorRT; put <see cref="Cuda"/> after it for what it does not run.</summary>
    public static TensorRtProvider TensorRt { get; } = new();

    /// <summary>Any GPU through WebGPU.</summary>
    public static WebGpuProvider WebGpu { get; } = new();

    /// <summary>Any GPU of Windows through DirectML.</summary>
    public static DirectMlProvider DirectMl { get; } = new();

    /// <summary>Intel's processors, GPUs and NPUs through OpenVINO.</summary>
    public static OpenVinoProvider OpenVino { get; } = new();

    /// <summary>Apple's GPUs and Neural Engine through Core ML.</summary>
    public static CoreMlProvider CoreMl { get; } = new();

    /// <summary>Qualcomm's NPUs.</summary>
    public static QnnProvider Qnn { get; } = new();

    private protected Provider()
    {
    }

    /// <summary>The name, for instance <c>Cuda</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Options by ONNX Runtime's own names; they override what the typed options say.</summary>
    public ImmutableSortedDictionary<string, string> ExtraOptions { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a session on this provider runs one call at a time.</summary>
    internal virtual bool RunsOneCallAtATime => false;

    /// <summary>The provider's name in ONNX Runtime's reports.</summary>
    internal abstract string OrtName { get; }

    /// <summary>The options exactly as they are given to ONNX Runtime.</summary>
    public IReadOnlyDictionary<string, string> GetOptions() => GetOptions(ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>The providers of these names, separated by semicolons.</summary>
    /// <exception cref="ArgumentException">A name is none of ours.</exception>
    public static IReadOnlyList<Provider> Parse(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ProviderNames.Get)];
    }

    /// <summary>The options, where the model's variant brings some: typed options do not override those, extra options do.</summary>
    internal IReadOnlyDictionary<string, string> GetOptions(ImmutableSortedDictionary<string, string> variant)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        AddOptions(options);
        foreach ((string name, string value) in variant.Concat(ExtraOptions))
            options[name] = value;
        return options;
    }

    /// <summary>Adds the typed options.</summary>
    private protected virtual void AddOptions(IDictionary<string, string> options)
    {
    }

    /// <summary>Adds the provider to a session's options.</summary>
    internal virtual void AppendTo(SessionOptions session, IReadOnlyDictionary<string, string> options) =>
        session.AppendExecutionProvider(AppendName, new Dictionary<string, string>(options));

    /// <summary>The name that ONNX Runtime's <c>AppendExecutionProvider</c> expects.</summary>
    private protected virtual string AppendName => Name;
}
