using System.CommandLine;
using OptimizeTasks.Compiler;

namespace OptimizeTasks.Tool.Options;

/// <summary>The options of a command that are metadata of an item in a project, with the same names and values.</summary>
internal sealed class MetadataOptions
{
    private readonly List<(ItemMetadata Metadata, Option<string> Option)> _options = [];

    /// <summary>Adds an option for each of these metadata to a command.</summary>
    public MetadataOptions(Command command, IEnumerable<ItemMetadata> metadata)
    {
        foreach (ItemMetadata item in metadata)
        {
            var option = new Option<string>(item.OptionName)
            {
                Description = $"{char.ToUpperInvariant(item.Description[0])}{item.Description[1..]} ({item.Values}).",
                HelpName = "value",
            };
            option.Validators.Add(result =>
            {
                try
                {
                    item.Apply(result.GetValueOrDefault<string>() ?? "", new ItemSettings());
                }
                catch (CompilationException e)
                {
                    result.AddError(e.Diagnostic.ToString());
                }
            });
            command.Add(option);
            _options.Add((item, option));
        }
    }

    /// <summary>The settings that the options of one command line ask for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="defaults">What holds where an option is not given.</param>
    public ItemSettings Settings(ParseResult result, ItemSettings defaults) =>
        _options.Aggregate(defaults, (settings, option) => option.Metadata.Apply(result.GetValue(option.Option) ?? "", settings));
}
