using System.Collections.Immutable;
using OptimizeTasks.Manifest;

namespace OptimizeTasks.Tool.Options;

/// <summary>The value of <c>Contracts</c>: <c>attention_mask=right-padded;position_ids=consecutive</c>.</summary>
internal static class ContractList
{
    private static string Right => $"a list such as attention_mask={InputContract.RightPadded}; the promises are {string.Join(", ", InputContract.Promises)}";

    /// <summary>The promises, in order of the inputs' names, each input once.</summary>
    public static ImmutableArray<InputContract> Parse(string value)
    {
        var contracts = new SortedDictionary<string, InputContract>(StringComparer.Ordinal);
        foreach (string entry in ItemMetadata.List(value))
        {
            // A name may have an equals sign in it; a promise has none.
            int equals = entry.LastIndexOf('=');
            string input = equals < 0 ? "" : entry[..equals].Trim();
            string? promise = InputContract.Promises.FirstOrDefault(p => string.Equals(p, entry[(equals + 1)..].Trim(), StringComparison.OrdinalIgnoreCase));
            if (input.Length == 0 || promise is null)
                throw ItemMetadata.Wrong(MetadataNames.Contracts, entry, Right);
            if (!contracts.TryAdd(input, new InputContract(input, promise)))
                throw ItemMetadata.Wrong(MetadataNames.Contracts, value, "a list that names every input once");
        }

        return contracts.Count > 0 ? [.. contracts.Values] : throw ItemMetadata.Wrong(MetadataNames.Contracts, value, Right);
    }
}
