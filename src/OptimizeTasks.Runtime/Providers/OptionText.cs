using System.Globalization;

namespace OptimizeTasks.Runtime.Providers;

/// <summary>Values of options as ONNX Runtime reads them.</summary>
internal static class OptionText
{
    public static string Of(bool value) => value ? "1" : "0";

    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);
}
