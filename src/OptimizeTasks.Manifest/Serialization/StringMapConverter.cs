using System.Text.Json;

namespace OptimizeTasks.Manifest.Serialization;

internal sealed class StringMapConverter : SortedMapConverter<string>
{
    protected override string ReadValue(ref Utf8JsonReader reader) => reader.GetString() ?? throw new JsonException("a string is expected");

    protected override void WriteValue(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);
}
