using OptimizeTasks.CodeGeneration.Analysis;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>Documentation comments from what the model says of itself.</summary>
internal static class Documentation
{
    /// <summary>The class's comment.</summary>
    public static string OfClass(ClassModel model)
    {
        ModelDescription description = model.Signature.Description;
        string summary = description.DocString is { Length: > 0 } text ? Text.Xml(text) : $"The model <c>{Text.Xml(model.Options.TargetPath)}</c>.";
        IEnumerable<string> remarks = Facts(description).Select(fact => $"/// <para>{fact}</para>");
        string[] facts = [.. remarks];
        return string.Join("\n", facts.Length == 0 ? [$"/// <summary>{summary}</summary>"] : [$"/// <summary>{summary}</summary>", "/// <remarks>", .. facts, "/// </remarks>"]);
    }

    /// <summary>What a value is: its name and type in the model, and what the model says of it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="promise">What the build was promised of it, or null.</param>
    public static string OfValue(ClassValue value, string? promise = null)
    {
        string text = $"<c>{Text.Xml(value.Signature.Name)}</c>: <c>{Text.Xml(value.Signature.Type.ToString()!)}</c>.";
        if (value.Signature.DocString is { Length: > 0 } documentation)
            text += " " + Text.Xml(documentation);
        if (promise is not null)
            text += $" Must be {promise}.";
        return value.IsOptional ? text + " May be left out." : text;
    }

    private static IEnumerable<string> Facts(ModelDescription description)
    {
        if (description.GraphName is { Length: > 0 } graph)
            yield return $"Graph: {Text.Xml(graph)}";
        if (description.ProducerName is { Length: > 0 } producer)
            yield return $"Producer: {Text.Xml(producer + " " + description.ProducerVersion)}";
        if (description.Domain is { Length: > 0 } domain)
            yield return $"Domain: {Text.Xml(domain)}";
        if (description.ModelVersion is { } version and not 0)
            yield return FormattableString.Invariant($"Version: {version}");
        foreach ((string name, string value) in description.Metadata)
            yield return $"{Text.Xml(name)}: {Text.Xml(value)}";
    }
}
