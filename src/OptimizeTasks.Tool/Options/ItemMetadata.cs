using System.Collections.Immutable;
using System.Globalization;
using OptimizeTasks.Compiler;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Options;

/// <summary>
/// One metadata of an <c>OptimizedModel</c> item: its name, values and meaning. <see cref="All"/> is the one table that
/// the command line's options, the build's checks and the documentation are made of.
/// </summary>
internal sealed class ItemMetadata
{
    private readonly Func<string, ItemSettings, ItemSettings> _apply;

    private ItemMetadata(string name, string values, string description, Func<string, ItemSettings, ItemSettings> apply)
    {
        Name = name;
        Values = values;
        Description = description;
        _apply = apply;
    }

    /// <summary>The name in a csproj.</summary>
    public string Name { get; }

    /// <summary>The values, as the documentation and error messages list them.</summary>
    public string Values { get; }

    /// <summary>What it does, in half a sentence.</summary>
    public string Description { get; }

    /// <summary>The name on the command line: <c>ClassName</c> is <c>--class-name</c> there.</summary>
    public string OptionName => "--" + string.Concat(Name.Select((c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    /// <summary>Every metadata, in the order of the documentation.</summary>
    public static ImmutableArray<ItemMetadata> All { get; } =
    [
        new(MetadataNames.ClassName, "a C# identifier", "the class's name; made of the file's name where it is not given",
            (value, settings) => settings with { ClassName = value }),
        new(MetadataNames.Namespace, "a C# namespace", "the class's namespace",
            (value, settings) => settings with { Namespace = value }),
        new(MetadataNames.Access, "public, internal", "who sees the class",
            (value, settings) => settings with { IsPublic = Choose(MetadataNames.Access, value, "public", "internal") == "public" }),
        new(MetadataNames.Optimization, "None, Basic, Full", "how much is changed",
            (value, settings) => With(settings, options => options with
            {
                Optimization = Enum.Parse<OptimizationLevel>(Choose(MetadataNames.Optimization, value, Enum.GetNames<OptimizationLevel>())),
            })),
        new(MetadataNames.Providers, "a list of " + ProviderList.Names, "the execution providers that the class asks for, in order of preference",
            (value, settings) => With(settings with { Providers = ProviderList.Parse(value) }, options => options with { Providers = ProviderList.Parse(value) })),
        new(MetadataNames.Engine, "OnnxRuntime, Portable", "what runs the model: ONNX Runtime, with operators of its own, or any engine, with standard operators alone",
            (value, settings) => With(settings, options => options with { Engine = Enum.Parse<Engine>(Choose(MetadataNames.Engine, value, Enum.GetNames<Engine>())) })),
        new(MetadataNames.Opset, "a number", "the highest operator set that may be written",
            (value, settings) => With(settings, options => options with { Opset = Number(MetadataNames.Opset, value, 7, 999) })),
        new(MetadataNames.Contracts, "input=promise;…", "promises about inputs that allow faster kernels: " + string.Join(", ", InputContract.Promises),
            (value, settings) => With(settings, options => options with { Contracts = ContractList.Parse(value) })),
        new(MetadataNames.Quantization, "None, Dynamic, Static, Int4, Int8, Auto", "in which format weights and activations are kept",
            (value, settings) => With(settings, options => options with { Quantization = Enum.Parse<QuantizationMode>(Choose(MetadataNames.Quantization, value, Enum.GetNames<QuantizationMode>())) })),
        new(MetadataNames.Plan, "a JSON file", "the format of each node, as the report of an earlier compilation lists them",
            (value, settings) => With(settings with { PlanPath = value }, options => options with { Plan = CompressionPlan.ReadFile(value) })),
        new(MetadataNames.Variants, "dimension=sizes:format;…", "other formats (None, Dynamic, Int4, Int8, or a plan) for calls in which a dimension has certain sizes: sequence_length=1:Int4",
            (value, settings) =>
            {
                (ImmutableArray<SizedFormat> variants, ImmutableArray<string> plans) = VariantList.Parse(value);
                return With(settings with { VariantPlanPaths = plans }, options => options with { Variants = variants });
            }),
        new(MetadataNames.Precision, "Float32, Float16, BFloat16", "the floating-point type that the model computes in; inputs and outputs keep theirs",
            (value, settings) => With(settings, options => options with { Precision = Enum.Parse<ComputePrecision>(Choose(MetadataNames.Precision, value, Enum.GetNames<ComputePrecision>())) })),
        new(MetadataNames.Corrections, "None, All, or a list of Clipping, Equalization, Bias, ErrorFeedback, Smoothing", "what makes quantised weights more exact, for more time at the build",
            (value, settings) => With(settings, options => options with
            {
                Corrections = List(value).Aggregate(Corrections.None, (all, entry) => all | Enum.Parse<Corrections>(Choose(MetadataNames.Corrections, entry, Enum.GetNames<Corrections>()))),
            })),
        new(MetadataNames.CalibrationData, "files, folders or patterns, separated by ;", "samples of inputs (.npz, .npy, .jsonl, or a class that makes them), for quantisation to be calibrated and measured on",
            (value, settings) => settings with { CalibrationData = [.. List(value)] }),
        new(MetadataNames.CalibrationMethod, string.Join(", ", Enum.GetNames<CalibrationMethod>()), "how ranges of activations are chosen from the samples",
            (value, settings) => With(settings, options => options with { CalibrationMethod = Enum.Parse<CalibrationMethod>(Choose(MetadataNames.CalibrationMethod, value, Enum.GetNames<CalibrationMethod>())) })),
        new(MetadataNames.Label, "a name", "the array of the samples' labels, for the metric Accuracy",
            (value, settings) => settings with { Label = value }),
        new(MetadataNames.AccuracyBudget, "a positive number", "the greatest loss that quantisation may cause: the relative error, or what Metric says",
            (value, settings) => With(settings, options => options with { AccuracyBudget = PositiveNumber(MetadataNames.AccuracyBudget, value) })),
        new(MetadataNames.Metric, string.Join(", ", Enum.GetNames<Metric>()), "what AccuracyBudget bounds, measured on samples",
            (value, settings) => With(settings, options => options with { Metric = Enum.Parse<Metric>(Choose(MetadataNames.Metric, value, Enum.GetNames<Metric>())) })),
        new(MetadataNames.Dimensions, "name=size;…", "sizes of symbolic dimensions that are fixed",
            (value, settings) => With(settings, options => options with { FixedDimensions = DimensionList.Parse(value) })),
        NotYet(MetadataNames.Buckets, "", "size;…", "the sizes that a dimension is padded to"),
        NotYet(MetadataNames.LengthSample, "", "a file", "real sizes of a dimension, from which buckets are chosen"),
        new(MetadataNames.ExcludeNodes, "patterns of node names, with * and ?, separated by ;", "nodes whose weights are not quantised, and that keep their precision",
            (value, settings) => With(settings, options => options with { ExcludeNodes = [.. List(value)] })),
        new(MetadataNames.DisabledPasses, "name;…", "passes that do not run",
            (value, settings) => With(settings, options => options with { DisabledPasses = [.. List(value)] })),
        new(MetadataNames.Verify, "true, false", "whether the result is compared with the original; true for models up to 1 GB where it is not given",
            (value, settings) => settings with { Verify = Boolean(MetadataNames.Verify, value) }),
        new(MetadataNames.Tolerance, "a positive number", "the greatest relative error that the comparison accepts",
            (value, settings) => With(settings, options => options with { Tolerance = PositiveNumber(MetadataNames.Tolerance, value) })),
        new(MetadataNames.Measure, "true, false", "whether original and result are also timed, and the result is loaded as is fastest on this machine",
            (value, settings) => settings with { Measure = Boolean(MetadataNames.Measure, value) }),
        new(MetadataNames.ExternalData, "true, false", "whether the weights go to a file of their own, which loads faster; true from 16 MiB of weights on where it is not given",
            (value, settings) => With(settings, options => options with { ExternalData = Boolean(MetadataNames.ExternalData, value) })),
        NotYet(MetadataNames.CustomOpLibraries, "", "files", "native libraries that implement custom operators"),
        new(MetadataNames.GenerateSource, "true, false", "whether a class is generated",
            (value, settings) => settings with { GenerateSource = Boolean(MetadataNames.GenerateSource, value) }),
        new(MetadataNames.TargetPath, "a relative path", "where the class finds the model, relative to the app's folder",
            (value, settings) => settings with { TargetPath = RelativePath(MetadataNames.TargetPath, value) }),
        // The project copies: the value is only checked here.
        new(MetadataNames.CopyToOutputDirectory, "Never, PreserveNewest, Always, IfDifferent", "when the build copies the model",
            (value, settings) =>
            {
                Choose(MetadataNames.CopyToOutputDirectory, value, "Never", "PreserveNewest", "Always", "IfDifferent");
                return settings;
            }),
    ];

    /// <summary>The metadata of this name, or null where it is none of ours.</summary>
    public static ItemMetadata? Find(string name) => All.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The settings with this value; an empty value stands for the default and changes nothing.</summary>
    /// <exception cref="CompilationException">The value is none of the right ones, or not available yet.</exception>
    public ItemSettings Apply(string value, ItemSettings settings) => string.IsNullOrWhiteSpace(value) ? settings : _apply(value.Trim(), settings);

    /// <summary>The entries of a list, in MSBuild's spelling: separated by semicolons.</summary>
    internal static IEnumerable<string> List(string value) => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The error that lists the right values.</summary>
    internal static CompilationException Wrong(string name, string value, string right) =>
        new(Diagnostics.InvalidMetadataValue.Create($"{name} is '{value}'; it can be {right}"));

    private static string Choose(string name, string value, params string[] right)
    {
        foreach (string candidate in right)
        {
            if (string.Equals(candidate, value, StringComparison.OrdinalIgnoreCase))
                return candidate;
        }

        string meant = MetadataNames.Nearest(value, right) is { } nearest ? $" (did you mean {nearest}?)" : "";
        throw Wrong(name, value, string.Join(", ", right) + meant);
    }

    private static bool Boolean(string name, string value) => Choose(name, value, "true", "false") == "true";

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, $"a number from {least} on");

    private static double PositiveNumber(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && number > 0
            ? number
            : throw Wrong(name, value, "a positive number such as 1e-4");

    private static string RelativePath(string name, string value)
    {
        string path = value.Replace('\\', '/');
        string[] parts = path.Split('/');
        bool leaves = path.StartsWith('/') || path.Contains(':') || parts.Contains("..");
        return leaves || parts[^1] is "" or "." ? throw Wrong(name, value, "a path inside the app's folder, such as models/x.onnx") : path;
    }

    private static ItemSettings With(ItemSettings settings, Func<CompilerOptions, CompilerOptions> change) =>
        settings with { Compiler = change(settings.Compiler) };

    /// <summary>A metadata that has its place and its default, but is not implemented yet.</summary>
    private static ItemMetadata NotYet(string name, string defaultValue, string values, string description) =>
        new(name, values, description + "; not available yet", (value, settings) =>
        {
            string[] right = values.Split(", ");
            string chosen = right.Length > 1 ? Choose(name, value, right) : value;
            return string.Equals(chosen, defaultValue, StringComparison.Ordinal)
                ? settings
                : throw new CompilationException(Diagnostics.NotAvailableYet.Create($"{name}=\"{value}\" is not available yet"));
        });
}
