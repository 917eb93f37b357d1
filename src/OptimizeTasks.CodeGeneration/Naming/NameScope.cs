using System.Globalization;

namespace OptimizeTasks.CodeGeneration.Naming;

/// <summary>Names that may occur once. A name that is taken gets a number.</summary>
internal sealed class NameScope
{
    private readonly HashSet<string> _taken;

    public NameScope(params IEnumerable<string> reserved) => _taken = new HashSet<string>(reserved, StringComparer.Ordinal);

    /// <summary>The name, or the first of <c>name2</c>, <c>name3</c>, … that is free.</summary>
    public string Add(string name)
    {
        string candidate = name;
        for (int number = 2; !_taken.Add(candidate); number++)
            candidate = name + number.ToString(CultureInfo.InvariantCulture);
        return candidate;
    }
}
