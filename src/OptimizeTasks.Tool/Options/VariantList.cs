using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Options;

/// <summary>The value of <c>Variants</c>: <c>sequence_length=1:Int4;sequence_length=2..64:int8.plan.json</c>.</summary>
internal static class VariantList
{
    private const string PlanExtension = ".json";
    private const string RangeMark = "..";

    private static readonly string[] s_modes = ["None", "Dynamic", "Int4", "Int8"];

    private static string Right => $"a list such as sequence_length=1:Int4, of a dimension, a size or a range (2..64, 65..), and {string.Join(", ", s_modes)} or a plan ({PlanExtension})";

    /// <summary>The variants, in the order of the list, and the files of plans that were read.</summary>
    public static (ImmutableArray<SizedFormat> Variants, ImmutableArray<string> PlanPaths) Parse(string value)
    {
        var variants = ImmutableArray.CreateBuilder<SizedFormat>();
        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (string entry in ItemMetadata.List(value))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal), colon = entry.IndexOf(':', Math.Max(equals, 0));
            if (equals <= 0 || colon < 0)
                throw Wrong(entry);
            string dimension = entry[..equals].Trim(), what = entry[(colon + 1)..].Trim();
            DimensionRange sizes = Sizes(entry[(equals + 1)..colon]) ?? throw Wrong(entry);
            if (what.EndsWith(PlanExtension, StringComparison.OrdinalIgnoreCase))
            {
                paths.Add(what);
                variants.Add(new SizedFormat(dimension, sizes, QuantizationMode.None) { Plan = CompressionPlan.ReadFile(what) });
            }
            else
            {
                string mode = Array.Find(s_modes, m => string.Equals(m, what, StringComparison.OrdinalIgnoreCase)) ?? throw Wrong(entry);
                variants.Add(new SizedFormat(dimension, sizes, Enum.Parse<QuantizationMode>(mode)));
            }
        }

        return variants.Count > 0 ? (variants.ToImmutable(), paths.ToImmutable()) : throw Wrong(value);
    }

    private static DimensionRange? Sizes(string text)
    {
        int mark = text.IndexOf(RangeMark, StringComparison.Ordinal);
        long? minimum = Size(mark < 0 ? text : text[..mark]);
        long? maximum = mark < 0 ? minimum : text[(mark + RangeMark.Length)..].Trim().Length == 0 ? long.MaxValue : Size(text[(mark + RangeMark.Length)..]);
        return minimum <= maximum ? new DimensionRange(minimum.Value, maximum.Value) : null;
    }

    private static long? Size(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number is >= 1 and <= int.MaxValue ? number : null;

    private static CompilationException Wrong(string entry) => ItemMetadata.Wrong(MetadataNames.Variants, entry, Right);
}
