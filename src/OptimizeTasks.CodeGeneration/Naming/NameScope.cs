using System.Globalization;

namespace OptimizeTasks.CodeGeneration.Naming;

/// <summary>Names that may occur once. A name that is taken gets a number.</summary>
internal sealed class NameScope
{
    private readonly HashSet<string> _taken;
    // The last number of each name: searching from the beginning would take quadratic time.
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public NameScope(params IEnumerable<string> reserved) => _taken = new HashSet<string>(reserved, StringComparer.Ordinal);

    /// <summary>The name, or the first of <c>name2</c>, <c>name3</c>, … that is free.</summary>
    public string Add(string name)
    {
        string candidate = name;
        int number = _numbers.GetValueOrDefault(name, 1);
        while (!_taken.Add(candidate))
            candidate = name + (++number).ToString(CultureInfo.InvariantCulture);
        _numbers[name] = number;
        return candidate;
    }
}
