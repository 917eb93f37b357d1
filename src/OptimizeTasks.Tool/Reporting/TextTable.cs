using System.Text;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>Rows of text in columns as wide as their longest cell. Numbers' columns end at their right.</summary>
/// <param name="rightAligned">The numbers of the columns that are aligned at their right.</param>
internal sealed class TextTable(params int[] rightAligned)
{
    private readonly List<string[]> _rows = [];

    /// <summary>A further row; all rows have as many cells.</summary>
    public void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, Printable.Text));

    /// <summary>Writes the rows, indented by two spaces.</summary>
    public void Write(TextWriter output)
    {
        if (_rows.Count == 0)
            return;
        int[] widths = [.. Enumerable.Range(0, _rows[0].Length).Select(column => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
            {
                string cell = rightAligned.Contains(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]);
                line.Append("  ").Append(cell);
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
