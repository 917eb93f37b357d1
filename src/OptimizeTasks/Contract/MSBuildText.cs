using System.Globalization;
using System.Text;

namespace OptimizeTasks.Contract;

/// <summary>Text as MSBuild wants it in items: its special characters escaped.</summary>
internal static class MSBuildText
{
    public static string Escape(string text)
    {
        if (text.IndexOfAny(['%', '*', '?', '@', '$', '(', ')', ';', '\'']) < 0)
            return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (char c in text)
        {
            if (c is '%' or '*' or '?' or '@' or '$' or '(' or ')' or ';' or '\'')
                escaped.Append('%').Append(((int)c).ToString("x2", CultureInfo.InvariantCulture));
            else
                escaped.Append(c);
        }

        return escaped.ToString();
    }
}
