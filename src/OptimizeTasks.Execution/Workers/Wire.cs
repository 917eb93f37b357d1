using System.Collections.Immutable;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Execution.Workers;

/// <summary>
/// How things are written between a worker and its host: every list and every text with its length before it, numbers
/// little-endian. Both ends are the same assembly, so there are no versions.
/// </summary>
internal static class Wire
{
    public static void Write(BinaryWriter writer, SessionSettings settings)
    {
        writer.Write((byte)settings.Optimization);
        writer.Write(settings.Provider);
        writer.Write(settings.Threads);
        writer.Write(settings.Configuration.Count);
        foreach ((string key, string value) in settings.Configuration)
        {
            writer.Write(key);
            writer.Write(value);
        }

        Write(writer, settings.CustomOpLibraries);
    }

    public static SessionSettings ReadSettings(BinaryReader reader)
    {
        var settings = new SessionSettings { Optimization = (LoadOptimization)reader.ReadByte(), Provider = reader.ReadString(), Threads = reader.ReadInt32() };
        ImmutableSortedDictionary<string, string>.Builder configuration = settings.Configuration.ToBuilder();
        for (int count = reader.ReadInt32(); count > 0; count--)
            configuration.Add(reader.ReadString(), reader.ReadString());
        return settings with { Configuration = configuration.ToImmutable(), CustomOpLibraries = [.. ReadTexts(reader)] };
    }

    public static void Write(BinaryWriter writer, IReadOnlyCollection<string> texts)
    {
        writer.Write(texts.Count);
        foreach (string text in texts)
            writer.Write(text);
    }

    public static string[] ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.ReadInt32()];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadString();
        return texts;
    }
}
