using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OptimizeTasks.Manifest.Serialization;

/// <summary>A map in ordinal order, whatever order the caller's map has: the text must not depend on a culture.</summary>
internal abstract class SortedMapConverter<T> : JsonConverter<ImmutableSortedDictionary<string, T>>
{
    public static ImmutableSortedDictionary<string, T> Empty { get; } = ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    protected abstract T ReadValue(ref Utf8JsonReader reader);

    protected abstract void WriteValue(Utf8JsonWriter writer, T value);

    public override ImmutableSortedDictionary<string, T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an object is expected");
        ImmutableSortedDictionary<string, T>.Builder map = Empty.ToBuilder();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            map[key] = ReadValue(ref reader);
        }

        return map.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, T> value, JsonSerializerOptions options) => Write(writer, value);

    public void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, T> value)
    {
        writer.WriteStartObject();
        foreach (string key in value.Keys.Order(StringComparer.Ordinal))
        {
            writer.WritePropertyName(key);
            WriteValue(writer, value[key]);
        }

        writer.WriteEndObject();
    }
}
