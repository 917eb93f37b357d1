using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>
/// Writes the text that <see cref="ManifestJson"/> describes, token by token: for one small file, starting the serializer
/// would take longer than everything else that a compilation does beside the model.
/// </summary>
internal static class ManifestWriter
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        // The file is never part of HTML: names stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(CompiledModel model)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, s_options))
            Write(json, model);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length).ReplaceLineEndings("\n") + "\n";
    }

    private static void Write(Utf8JsonWriter json, CompiledModel model)
    {
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", model.SchemaVersion);
        json.WriteNumber("runtimeContract", model.RuntimeContract);
        json.WriteString("name", model.Name);
        json.WriteString("sourceHash", model.SourceHash);
        json.WriteStartObject("signature");
        WriteContent(json, model.Signature);
        json.WriteEndObject();
        json.WriteStartArray("variants");
        foreach (Variant variant in model.Variants)
            Write(json, variant);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, Signature signature)
    {
        Write(json, "inputs", signature.Inputs);
        Write(json, "outputs", signature.Outputs);
        json.WriteStartArray("contracts");
        foreach (InputContract contract in signature.Contracts)
            WritePair(json, "input", contract.Input, "promise", contract.Promise);
        json.WriteEndArray();
        json.WriteStartArray("states");
        foreach (StatePair state in signature.States)
            WritePair(json, "input", state.Input, "output", state.Output);
        json.WriteEndArray();
        Write(json, signature.Description);
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<ValueSignature> values)
    {
        json.WriteStartArray(name);
        foreach (ValueSignature value in values)
        {
            json.WriteStartObject();
            json.WriteString("name", value.Name);
            Write(json, "type", value.Type);
            json.WriteBoolean("hasDefault", value.HasDefault);
            WriteIfPresent(json, "docString", value.DocString);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, TypeSignature type)
    {
        json.WriteStartObject(name);
        switch (type)
        {
            case TensorSignature tensor:
                WriteKind("tensor");
                json.WriteString("elementType", tensor.ElementType.OnnxName());
                WriteDimensions(json, tensor.Dimensions);
                break;
            case SparseTensorSignature sparse:
                WriteKind("sparseTensor");
                json.WriteString("elementType", sparse.ElementType.OnnxName());
                break;
            case SequenceSignature sequence:
                WriteKind("sequence");
                Write(json, "element", sequence.Element);
                break;
            case MapSignature map:
                WriteKind("map");
                json.WriteString("key", map.Key.OnnxName());
                Write(json, "value", map.Value);
                break;
            case OptionalSignature optional:
                WriteKind("optional");
                Write(json, "element", optional.Element);
                break;
            case OpaqueSignature opaque:
                WriteKind("opaque");
                WriteIfPresent(json, "domain", opaque.Domain);
                WriteIfPresent(json, "name", opaque.Name);
                break;
        }

        json.WriteEndObject();

        void WriteKind(string kind) => json.WriteString("kind", kind);
    }

    private static void WriteDimensions(Utf8JsonWriter json, ImmutableArray<DimensionSignature>? dimensions)
    {
        if (dimensions is not { } known)
            return;
        json.WriteStartArray("dimensions");
        foreach (DimensionSignature dimension in known)
            DimensionConverter.Write(json, dimension);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ModelDescription description)
    {
        json.WriteStartObject("description");
        WriteIfPresent(json, "producerName", description.ProducerName);
        WriteIfPresent(json, "producerVersion", description.ProducerVersion);
        WriteIfPresent(json, "domain", description.Domain);
        if (description.ModelVersion is { } version)
            json.WriteNumber("modelVersion", version);
        WriteIfPresent(json, "graphName", description.GraphName);
        WriteIfPresent(json, "docString", description.DocString);
        Write(json, "metadata", new StringMapConverter(), description.Metadata);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Variant variant)
    {
        json.WriteStartObject();
        json.WriteString("name", variant.Name);
        json.WriteStartObject("when");
        WriteIfPresent(json, "provider", variant.When.Provider);
        Write(json, "dimensions", new DimensionRangesConverter(), variant.When.Dimensions);
        json.WriteEndObject();
        json.WriteString("file", variant.File);
        json.WriteStartArray("dataFiles");
        foreach (string file in variant.DataFiles)
            json.WriteStringValue(file);
        json.WriteEndArray();
        json.WriteString("loadOptimization", variant.LoadOptimization.ToString());
        Write(json, "sessionConfiguration", new StringMapConverter(), variant.SessionConfiguration);
        Write(json, "providerOptions", new StringMapConverter(), variant.ProviderOptions);
        json.WriteEndObject();
    }

    private static void Write<T>(Utf8JsonWriter json, string name, SortedMapConverter<T> converter, ImmutableSortedDictionary<string, T> map)
    {
        json.WritePropertyName(name);
        converter.Write(json, map);
    }

    private static void WritePair(Utf8JsonWriter json, string firstName, string first, string secondName, string second)
    {
        json.WriteStartObject();
        json.WriteString(firstName, first);
        json.WriteString(secondName, second);
        json.WriteEndObject();
    }

    private static void WriteIfPresent(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
