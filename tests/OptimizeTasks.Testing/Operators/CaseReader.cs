using System.Globalization;
using System.Text.RegularExpressions;

namespace OptimizeTasks.Testing.Operators;

/// <summary>
/// Reads a file of the catalogue. A line at the margin names an operator and its versions; the indented lines behind it are
/// its cases, and those of the operators named just before it:
/// <code>
/// versions: inputs | attributes -> outputs where sizes
/// </code>
/// Only inputs are needed. <c>11-:</c>, <c>-10:</c> or <c>11-12:</c> limit the versions. Inputs are those of
/// <see cref="CaseBuilder"/>. Outputs are <c>y</c>, <c>y?</c> if its sizes and <c>y??</c> if even its rank follow from data,
/// <c>y#</c> if it is cast to float, because .NET has no type for its elements, and
/// <c>_</c> if it is left out. <c>n=4,6</c> gives a symbol other sizes.
/// </summary>
internal static partial class CaseReader
{
    public static IEnumerable<OperatorCase> Read(string file)
    {
        var headings = new List<OperatorHeading>();
        bool hasCases = false;
        foreach (string line in file.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] != ' ')
            {
                if (hasCases)
                    headings.Clear();
                hasCases = false;
                headings.Add(Heading(line));
                continue;
            }

            hasCases = true;
            foreach (OperatorHeading heading in headings)
                yield return Case(heading, line.Trim());
        }
    }

    /// <summary>For instance <c>RandomNormal 1 22! random</c>: version 22 has no kernel, and two runs give different values.</summary>
    public static OperatorHeading Heading(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int dot = words[0].LastIndexOf('.');
        string[] versions = [.. words.Skip(1).Where(w => char.IsAsciiDigit(w[0]))];
        return new OperatorHeading(
            dot < 0 ? "" : words[0][..dot], words[0][(dot + 1)..], [.. versions.Select(Version)], [.. versions.Where(v => v[^1] == '!').Select(Version)], words[^1] == "random");
    }

    private static int Version(string word) => int.Parse(word.TrimEnd('!'), CultureInfo.InvariantCulture);

    private static OperatorCase Case(OperatorHeading heading, string text)
    {
        Match match = Line().Match(text);
        int first = Number(match.Groups["first"], 0);
        int last = Number(match.Groups["last"], int.MaxValue);
        var sizes = match.Groups["sizes"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(s => s.Split('='))
            .ToDictionary(s => s[0], s => s[1].Split(',').Select(long.Parse).ToArray(), StringComparer.Ordinal);
        string outputs = match.Groups["outputs"].Success ? match.Groups["outputs"].Value : "y";
        return new OperatorCase(heading, first, last, text, sizes, builder => builder.AddNode(match.Groups["node"].Value, outputs));
    }

    private static int Number(Group group, int otherwise) => group.Value.Length > 0 ? int.Parse(group.Value, CultureInfo.InvariantCulture) : otherwise;

    [GeneratedRegex(@"^((?<first>\d*)-(?<last>\d*):)?\s*(?<node>.*?)\s*(->\s*(?<outputs>[y_?# ]+?))?\s*(where\s+(?<sizes>.*))?$")]
    private static partial Regex Line();
}
