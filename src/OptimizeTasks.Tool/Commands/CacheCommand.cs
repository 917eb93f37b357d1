using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OptimizeTasks.Tool.Caching;
using OptimizeTasks.Tool.Options;
using OptimizeTasks.Tool.Reporting;

namespace OptimizeTasks.Tool.Commands;

/// <summary><c>cache list</c> and <c>cache clear</c>: the compiled models that builds share.</summary>
internal static class CacheCommand
{
    private const int ShownKeyLength = 12;

    public static Command Create(CommandContext context) => new("cache", "Shows or empties the cache of compiled models.")
    {
        CreateList(context),
        CreateClear(context),
    };

    private static Command CreateList(CommandContext context)
    {
        Option<string> format = FormatOption.Create();
        var command = new Command("list", "Shows what is in the cache.") { format };
        command.SetAction(result => Guard.Run(context, file: null, () => List(Open(context), result.GetValue(format) == FormatOption.Json, context.Output)));
        return command;
    }

    private static Command CreateClear(CommandContext context)
    {
        var command = new Command("clear", "Removes everything from the cache.");
        command.SetAction(_ => Guard.Run(context, file: null, () =>
        {
            context.Output.WriteLine($"{Printable.Bytes(Open(context).Clear())} removed");
            return ExitCodes.Success;
        }));
        return command;
    }

    private static CompilationCache Open(CommandContext context) => new(CacheSettings.Of(Environment.GetEnvironmentVariable), context.Log.Report);

    private static int List(CompilationCache cache, bool json, TextWriter output)
    {
        List<EntrySummary> entries = [.. cache.List().Select(e => new EntrySummary(e.Entry.Model, e.Entry.Key, e.Entry.Bytes, e.LastUsed))];
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(entries, EntryJson.Default.ListEntrySummary));
            return ExitCodes.Success;
        }

        var table = new TextTable(2, 3);
        table.Add("model", "key", "size", "last used");
        foreach (EntrySummary entry in entries)
            table.Add(entry.Model, entry.Key[..ShownKeyLength], Printable.Bytes(entry.Bytes), Age(DateTime.UtcNow - entry.LastUsed));
        if (entries.Count > 0)
            table.Write(output);
        output.WriteLine($"{Printable.Count(entries.Count)} {(entries.Count == 1 ? "model" : "models")}, {Printable.Bytes(entries.Sum(e => e.Bytes))}");
        return ExitCodes.Success;
    }

    private static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => FormattableString.Invariant($"{age.Minutes} min ago"),
        { TotalDays: < 1 } => FormattableString.Invariant($"{age.Hours} h ago"),
        _ => FormattableString.Invariant($"{age.Days} d ago"),
    };
}

/// <summary>An entry of the cache; the properties are those of the command's JSON.</summary>
internal sealed record EntrySummary(string Model, string Key, long Bytes, DateTime LastUsed);

/// <summary>Makes JSON without reflection, which would cost start-up.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<EntrySummary>))]
internal sealed partial class EntryJson : JsonSerializerContext;
