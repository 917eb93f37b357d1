using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Execution;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using OptimizeTasks.Tool.Options;

namespace OptimizeTasks.Tool.Caching;

/// <summary>What a compiled model depends on, as one hash: two compilations with the same key give the same files.</summary>
internal static class CacheKey
{
    /// <summary>The key: 64 hexadecimal digits.</summary>
    /// <param name="sourceHash">The hash of the model and its external data.</param>
    /// <param name="outputName">The compiled model's file name, which its manifest and its references to weights have in them.</param>
    /// <param name="settings">What the user asks for.</param>
    /// <param name="isVerified">Whether the result is compared with the original.</param>
    /// <param name="samplesHash">The hash of the samples, or null where there are none.</param>
    public static string Of(string sourceHash, string outputName, ItemSettings settings, bool isVerified, string? samplesHash = null)
    {
        var text = new StringBuilder()
            .Append(CacheEntry.Layout).Append('\n')
            .Append(sourceHash).Append('\n')
            .Append(outputName).Append('\n')
            .Append(Options(settings with { Verify = isVerified })).Append('\n')
            .Append(Tool()).Append('\n')
            .Append(OnnxRuntime()).Append('\n')
            .Append(Processor()).Append('\n')
            .Append(samplesHash).Append('\n')
            // What was measured holds for the machine.
            .Append(settings.Measure || settings.Compiler is { Quantization: QuantizationMode.Auto, Plan: null } ? $"{Environment.MachineName} {Environment.ProcessorCount}" : "");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))).ToLowerInvariant();
    }

    /// <summary>All options but those of the class, which is made anew each time: an option that is added later counts too.</summary>
    private static string Options(ItemSettings settings)
    {
        var unnamed = new ItemSettings();
        return JsonSerializer.Serialize(settings with
        {
            ClassName = unnamed.ClassName,
            Namespace = unnamed.Namespace,
            IsPublic = unnamed.IsPublic,
            GenerateSource = unnamed.GenerateSource,
            TargetPath = unnamed.TargetPath,
            // The plans themselves are among the options.
            PlanPath = unnamed.PlanPath,
            VariantPlanPaths = unnamed.VariantPlanPaths,
            // The samples themselves have a hash.
            CalibrationData = unnamed.CalibrationData,
            SampleClass = unnamed.SampleClass,
            Compiler = settings.Compiler with { Samples = null },
        }, KeyJson.Default.ItemSettings);
    }

    /// <summary>The assemblies that have a part in the result: another build of one is another tool.</summary>
    private static string Tool() => string.Join(' ', new[] { typeof(CacheKey), typeof(ModelCompiler), typeof(OnnxRuntimeRunner), typeof(Model), typeof(CompiledModel) }
        .Select(type => type.Module.ModuleVersionId));

    /// <summary>The managed library's build, and the native library by its size: asking it would mean loading it.</summary>
    private static string OnnxRuntime()
    {
        string[] folders = ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        FileInfo? native = new[] { "libonnxruntime.so", "libonnxruntime.dylib", "onnxruntime.dll" }
            .SelectMany(name => folders.Append(AppContext.BaseDirectory).Select(folder => new FileInfo(Path.Combine(folder, name))))
            .FirstOrDefault(file => file.Exists);
        return $"{OnnxRuntimeRunner.EngineVersion} {native?.Length}";
    }

    /// <summary>What constants are folded with: ONNX Runtime has other kernels, which round otherwise, for each of these.</summary>
    private static string Processor()
    {
        string instructions = Avx512F.IsSupported ? "avx512" : Avx2.IsSupported ? "avx2" : AdvSimd.Arm64.IsSupported ? "neon" : "";
        return $"{RuntimeInformation.RuntimeIdentifier} {RuntimeInformation.ProcessArchitecture} {instructions}";
    }
}

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSerializable(typeof(ItemSettings))]
internal sealed partial class KeyJson : JsonSerializerContext;
