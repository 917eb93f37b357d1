using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace OptimizeTasks.CodeGeneration.Naming;

/// <summary>C# identifiers out of whatever a model calls things.</summary>
internal static class Identifiers
{
    /// <summary>Longer names help nobody; some compilers and debuggers break on them.</summary>
    private const int LongestName = 80;

    /// <summary><c>past_key_values.0.key</c> → <c>PastKeyValues0Key</c>.</summary>
    public static string Pascal(string name, string fallback) => Join(name, fallback, upperFirst: true);

    /// <summary><c>past_key_values.0.key</c> → <c>pastKeyValues0Key</c>. Not escaped: see <see cref="Escape"/>.</summary>
    public static string Camel(string name, string fallback) => Join(name, fallback, upperFirst: false);

    /// <summary>The identifier as it is written: keywords get an <c>@</c>.</summary>
    public static string Escape(string identifier) =>
        SyntaxFacts.GetKeywordKind(identifier) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(identifier) != SyntaxKind.None ? "@" + identifier : identifier;

    /// <summary>Whether a user may have meant this as an identifier.</summary>
    public static bool IsValid(string name) => SyntaxFacts.IsValidIdentifier(name);

    private static string Join(string name, string fallback, bool upperFirst)
    {
        var text = new StringBuilder();
        foreach (string word in Words(name))
        {
            bool upper = text.Length > 0 || upperFirst;
            text.Append(upper ? char.ToUpperInvariant(word[0]) : char.ToLowerInvariant(word[0]));
            // INPUT_IDS is shouting; getItemID is a name with its own capitals.
            text.Append(IsAllUpper(word) ? word[1..].ToLowerInvariant() : word[1..]);
            if (text.Length > LongestName)
                break;
        }

        Shorten(text);
        if (text.Length == 0)
            return fallback;
        if (!SyntaxFacts.IsIdentifierStartCharacter(text[0]))
            text.Insert(0, upperFirst ? char.ToUpperInvariant(fallback[0]) + fallback[1..] : fallback);
        string identifier = text.ToString();
        return SyntaxFacts.IsValidIdentifier(identifier) || SyntaxFacts.IsReservedKeyword(SyntaxFacts.GetKeywordKind(identifier)) ? identifier : fallback;
    }

    // A cut must not part a surrogate pair; identifiers have none, but cheap is cheap.
    private static void Shorten(StringBuilder text)
    {
        if (text.Length > LongestName)
            text.Length = char.IsHighSurrogate(text[LongestName - 1]) ? LongestName - 1 : LongestName;
    }

    /// <summary>Runs of characters that an identifier may have; everything else, and <c>_</c>, parts them.</summary>
    private static IEnumerable<string> Words(string name)
    {
        var word = new StringBuilder();
        foreach (char character in name)
        {
            if (character != '_' && SyntaxFacts.IsIdentifierPartCharacter(character) && CharUnicodeInfo.GetUnicodeCategory(character) != UnicodeCategory.Format)
            {
                word.Append(character);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    private static bool IsAllUpper(string word) => word.Length > 1 && word.Any(char.IsLetter) && !word.Any(char.IsLower);
}
