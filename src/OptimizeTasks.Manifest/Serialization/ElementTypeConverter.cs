using System.Text.Json;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>An element type by ONNX's name.</summary>
internal sealed class ElementTypeConverter : JsonConverter<ElementType>
{
    public override ElementType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } name && ElementTypeNames.TryParse(name, out ElementType type)
            ? type
            : throw new JsonException($"'{reader.GetString()}' is no element type");

    public override void Write(Utf8JsonWriter writer, ElementType value, JsonSerializerOptions options) => writer.WriteStringValue(value.OnnxName());
}
