using System.Text.Json;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>Ranges as <c>[minimum, maximum]</c>.</summary>
internal sealed class DimensionRangesConverter : SortedMapConverter<DimensionRange>
{
    protected override DimensionRange ReadValue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("a range is [minimum, maximum]");
        reader.Read();
        long minimum = reader.GetInt64();
        reader.Read();
        long maximum = reader.GetInt64();
        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            throw new JsonException("a range is [minimum, maximum]");
        return new DimensionRange(minimum, maximum);
    }

    protected override void WriteValue(Utf8JsonWriter writer, DimensionRange value)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Minimum);
        writer.WriteNumberValue(value.Maximum);
        writer.WriteEndArray();
    }
}
