using System.Text.Json;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>A dimension as a number, a string or null.</summary>
internal sealed class DimensionConverter : JsonConverter<DimensionSignature>
{
    public override bool HandleNull => true;

    public override DimensionSignature Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => DimensionSignature.Unknown,
        JsonTokenType.String when reader.GetString() is { Length: > 0 } symbol => DimensionSignature.Of(symbol),
        JsonTokenType.Number when reader.TryGetInt64(out long size) && size >= 0 => DimensionSignature.Of(size),
        _ => throw new JsonException("a dimension is a number from 0, a symbol, or null"),
    };

    public override void Write(Utf8JsonWriter writer, DimensionSignature value, JsonSerializerOptions options) => Write(writer, value);

    public static void Write(Utf8JsonWriter writer, DimensionSignature value)
    {
        if (value.Size is { } size)
            writer.WriteNumberValue(size);
        else if (value.Symbol is { } symbol)
            writer.WriteStringValue(symbol);
        else
            writer.WriteNullValue();
    }
}
