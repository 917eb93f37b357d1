using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace OptimizeTasks.Contract;

/// <summary>
/// What the tool is asked to do for one item. The JSON is written by hand: it is flat, and a library for it would have to
/// be shipped beside the task and loaded into every build.
/// </summary>
internal sealed class OptionsFile
{
    private const int Version = 1;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly StringBuilder _json = new("{\n");

    public OptionsFile() => _json.Append("  \"version\": ").Append(Version.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, string value)
    {
        Name(name, "  ");
        Quote(value);
    }

    public void Add(string name, IEnumerable<KeyValuePair<string, string>> values)
    {
        Name(name, "  ");
        _json.Append('{');
        bool first = true;
        foreach (KeyValuePair<string, string> value in values)
        {
            _json.Append(first ? "\n    " : ",\n    ");
            Quote(value.Key);
            _json.Append(": ");
            Quote(value.Value);
            first = false;
        }

        _json.Append(first ? "}" : "\n  }");
    }

    public override string ToString() => _json + "\n}\n";

    /// <summary>Whether the file at the path says something else, or is absent.</summary>
    public static bool Differs(string path, string text) => !File.Exists(path) || File.ReadAllText(path, s_utf8) != text;

    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, s_utf8);
    }

    private void Name(string name, string indent)
    {
        _json.Append(",\n").Append(indent);
        Quote(name);
        _json.Append(": ");
    }

    private void Quote(string text)
    {
        _json.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                _json.Append('\\').Append(c);
            // A lone surrogate has no UTF-8; its escape is valid JSON.
            else if (c < ' ' || char.IsSurrogate(c))
                _json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                _json.Append(c);
        }

        _json.Append('"');
    }
}
