using System.Text.RegularExpressions;

namespace OptimizeTasks.Runtime.Loading;

/// <summary>What ONNX Runtime's error says about why a provider cannot start.</summary>
internal static partial class StartFailure
{
    /// <summary>The reason in one sentence: a missing library by name, or ONNX Runtime's own words.</summary>
    public static string Explain(Exception exception)
    {
        string message = exception.Message.ReplaceLineEndings(" ").Trim();
        if (MissingLibrary().Match(message) is { Success: true } library)
            return $"the library {library.Groups["name"].Value} was not found ({message})";
        if (exception is EntryPointNotFoundException || message.Contains("not enabled in this build", StringComparison.OrdinalIgnoreCase)
            || message.Contains("is not supported in this build", StringComparison.OrdinalIgnoreCase))
        {
            return $"the ONNX Runtime package that the app references was built without it ({message})";
        }

        if (NoAdapter().IsMatch(message))
            return $"there is no suitable graphics adapter or driver ({message})";
        return message;
    }

    /// <summary>Whether a session could not be made because of a provider and not because of the model.</summary>
    public static bool IsOfProvider(Exception exception) => !ModelFault().IsMatch(exception.Message);

    [GeneratedRegex(@"(?<name>[\w.+-]+\.(so(\.\d+)*|dylib|dll))""?: (cannot open shared object file|image not found)|trying to load ""(?<name>[^""]+)""|Unable to load (shared library|DLL) '(?<name>[^']+)'", RegexOptions.CultureInvariant)]
    private static partial Regex MissingLibrary();

    [GeneratedRegex("adapter|no .*device|driver", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NoAdapter();

    [GeneratedRegex(@"\[ErrorCode:(NoSuchFile|NoModel|InvalidProtobuf|InvalidGraph)\]", RegexOptions.CultureInvariant)]
    private static partial Regex ModelFault();
}
