using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Caching;

/// <summary>What the cache says of one compiled model, beside its files.</summary>
internal sealed record CacheEntry
{
    /// <summary>The version of this layout. Entries of another one are never looked for.</summary>
    public const int Layout = 1;

    public required string Key { get; init; }

    /// <summary>What the model was called when it was compiled.</summary>
    public required string Model { get; init; }

    public required ImmutableArray<CachedFile> Files { get; init; }

    /// <summary>What was said while it was compiled, to be said again.</summary>
    public required ImmutableArray<CachedDiagnostic> Diagnostics { get; init; }

    public required CompilationReport Report { get; init; }

    /// <summary>Bytes of all files.</summary>
    [JsonIgnore]
    public long Bytes => Files.Sum(f => f.Length);

    /// <summary>The entry as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CacheJson.Default.CacheEntry);

    /// <summary>Reads an entry.</summary>
    /// <exception cref="JsonException">The text is no entry.</exception>
    public static CacheEntry Read(string json) => JsonSerializer.Deserialize(json, CacheJson.Default.CacheEntry) ?? throw new JsonException("The entry is empty");
}

/// <summary>A file of an entry.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Hash">The hash of its content.</param>
internal sealed record CachedFile(string Name, long Length, string Hash);

/// <summary>A diagnostic without the file, which may be called otherwise the next time.</summary>
internal sealed record CachedDiagnostic(DiagnosticDescriptor Descriptor, string Message, string? Node)
{
    public static CachedDiagnostic Of(Diagnostic diagnostic) => new(diagnostic.Descriptor, diagnostic.Message, diagnostic.Node);

    public Diagnostic ToDiagnostic() => new(Descriptor, Message, File: null, Node);
}

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CacheEntry))]
internal sealed partial class CacheJson : JsonSerializerContext;
