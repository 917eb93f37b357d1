using System.Globalization;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Caching;

/// <summary>
/// Where compiled models are kept, and how many. The environment says so; a build passes its properties of the same names
/// on in the environment.
/// </summary>
internal sealed record CacheSettings
{
    /// <summary>Whether builds use the cache.</summary>
    public const string EnabledVariable = "OptimizeTasksCache";

    /// <summary>The folder.</summary>
    public const string PathVariable = "OptimizeTasksCachePath";

    /// <summary>The size, in megabytes, that the cache is kept below.</summary>
    public const string MegabytesVariable = "OptimizeTasksCacheMegabytes";

    /// <summary>The days after which an entry goes that nobody used.</summary>
    public const string DaysVariable = "OptimizeTasksCacheDays";

    private const int DefaultMegabytes = 10_000;
    private const int DefaultDays = 30;

    /// <summary>The folder; null where the user has none for such things.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether builds use it.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Bytes of all entries together; what was not used for longest goes first.</summary>
    public long MaximumBytes { get; init; } = DefaultMegabytes * 1_000_000L;

    /// <summary>How long an entry stays that nobody uses.</summary>
    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromDays(DefaultDays);

    /// <summary>What the environment says.</summary>
    /// <param name="variable">The value of an environment variable.</param>
    /// <exception cref="CompilationException">A variable has a value that it cannot have.</exception>
    public static CacheSettings Of(Func<string, string?> variable) => new()
    {
        Folder = variable(PathVariable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : UserFolder(variable),
        IsEnabled = variable(EnabledVariable) is not { Length: > 0 } enabled || Boolean(enabled),
        MaximumBytes = Number(MegabytesVariable, variable, DefaultMegabytes) * 1_000_000L,
        MaximumAge = TimeSpan.FromDays(Number(DaysVariable, variable, DefaultDays)),
    };

    /// <summary>Where the system keeps what programs can make again.</summary>
    private static string? UserFolder(Func<string, string?> variable)
    {
        const string Name = "OptimizeTasks";
        if (OperatingSystem.IsWindows())
            return Below(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Name, "Cache");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
            return Below(home, "Library", "Caches", Name);
        // The specification wants relative paths ignored.
        return variable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache) ? Below(cache, Name) : Below(home, ".cache", Name);
    }

    private static string? Below(string folder, params string[] names) => folder.Length == 0 ? null : Path.Combine([folder, .. names]);

    private static bool Boolean(string value) => bool.TryParse(value, out bool result)
        ? result
        : throw Wrong(EnabledVariable, value, "true, false");

    private static int Number(string name, Func<string, string?> variable, int usual)
    {
        if (variable(name) is not { Length: > 0 } value)
            return usual;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 1_000_000
            ? number
            : throw Wrong(name, value, "a number from 0 to 1000000");
    }

    private static CompilationException Wrong(string name, string value, string right) =>
        new(Diagnostics.InvalidMetadataValue.Create($"{name} is '{value}'; it can be {right}"));
}
