namespace OptimizeTasks.Compiler.Metrics;

/// <summary>The mean of some numbers for each output.</summary>
internal sealed class Means
{
    private readonly Dictionary<string, (double Sum, long Count)> _outputs = new(StringComparer.Ordinal);

    /// <summary>The least mean.</summary>
    public double Least => All.Min();

    /// <summary>The greatest mean.</summary>
    public double Greatest => All.Max();

    private IEnumerable<double> All => _outputs.Values.Select(o => o.Sum / o.Count).DefaultIfEmpty(double.NaN);

    public void Add(string output, double number)
    {
        (double sum, long count) = _outputs.GetValueOrDefault(output);
        _outputs[output] = (sum + number, count + 1);
    }
}
