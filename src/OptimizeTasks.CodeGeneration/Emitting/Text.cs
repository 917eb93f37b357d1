using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace OptimizeTasks.CodeGeneration.Emitting;

/// <summary>Pieces of C# text.</summary>
internal static class Text
{
    /// <summary>Text of a model in a comment is cut there: labels and configurations can be very long.</summary>
    private const int LongestComment = 400;

    /// <summary>A string literal.</summary>
    public static string Literal(string value) => WithoutMarks(SymbolDisplay.FormatLiteral(value, quote: true), rune => $"\\U{rune.Value:x8}");

    /// <summary>Text for a comment of one line; U+2028 and U+2029 end lines in C# too.</summary>
    public static string Comment(string value) =>
        WithoutMarks(string.Concat(value.EnumerateRunes().Select(rune => Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? "?" : rune.ToString())), _ => "?");

    /// <summary>Text for a documentation comment: one line, escaped, nothing that XML does not allow.</summary>
    public static string Xml(string value)
    {
        var text = new StringBuilder();
        bool cut = false;
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (cut = text.Length >= LongestComment)
                break;
            Append(text, rune);
        }

        return text.ToString().Trim() + (cut ? " …" : "");
    }

    /// <summary>Lines, the second and all further ones indented by so many levels.</summary>
    public static string Lines(IEnumerable<string> lines, int level)
    {
        string indent = new(' ', 4 * level);
        IEnumerable<string> all = lines.SelectMany(line => line.ReplaceLineEndings("\n").Split('\n'));
        return string.Join("\n", all.Select((line, index) => index == 0 || line.Length == 0 ? line : indent + line));
    }

    /// <summary>Marks turn the text around them, or cannot be seen: what a reader reads would not be what the compiler does.</summary>
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static string WithoutMarks(string text, Func<Rune, string> instead) =>
        text.EnumerateRunes().Any(IsMark) ? string.Concat(text.EnumerateRunes().Select(rune => IsMark(rune) ? instead(rune) : rune.ToString())) : text;

    private static void Append(StringBuilder text, Rune rune)
    {
        if (rune.Value is '\r' or '\n' or '\t' or ' ' or 0x85 or 0x2028 or 0x2029)
        {
            if (text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
            return;
        }

        switch (rune.Value)
        {
            case '&':
                text.Append("&amp;");
                break;
            case '<':
                text.Append("&lt;");
                break;
            case '>':
                text.Append("&gt;");
                break;
            case < 0x20 or 0xFFFD or 0xFFFE or 0xFFFF:
                text.Append('?');
                break;
            default:
                text.Append(IsMark(rune) ? "?" : rune.ToString());
                break;
        }
    }
}
