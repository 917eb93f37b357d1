using System.Globalization;

namespace OptimizeTasks.Tool.Reporting;

/// <summary>What one compilation did, in one line.</summary>
internal sealed record SummaryLine
{
    private static readonly (double Size, string Name)[] s_units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")];

    public required string Source { get; init; }

    public required string Target { get; init; }

    public required int NodesBefore { get; init; }

    public required int NodesAfter { get; init; }

    public required long BytesBefore { get; init; }

    public required long BytesAfter { get; init; }

    /// <summary>The greatest relative L2 error of an output; null where the result was not compared.</summary>
    public double? Error { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>For instance <c>minilm.onnx → minilm.onnx  586 → 68 nodes, 86.7 → 22.1 MB, error 1.2e-6  [0.9 s]</c>.</summary>
    public override string ToString()
    {
        string error = Error switch
        {
            null => "not verified",
            0 => "error 0",
            { } value => "error " + value.ToString("0.0e-0", CultureInfo.InvariantCulture),
        };
        return Printable.Text(string.Create(CultureInfo.InvariantCulture,
            $"{Source} → {Target}  {NodesBefore} → {NodesAfter} nodes, {Sizes()}, {error}  [{Duration.TotalSeconds:0.0} s]"));
    }

    /// <summary>Both sizes in the unit of the larger one.</summary>
    private string Sizes()
    {
        (double size, string name) = Array.Find(s_units, unit => Math.Max(BytesBefore, BytesAfter) >= unit.Size) is { Size: > 0 } found ? found : s_units[^1];
        string format = size == 1 ? "0" : "0.0";
        string before = (BytesBefore / size).ToString(format, CultureInfo.InvariantCulture);
        string after = (BytesAfter / size).ToString(format, CultureInfo.InvariantCulture);
        return $"{before} → {after} {name}";
    }
}
