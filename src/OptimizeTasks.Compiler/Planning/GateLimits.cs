using OptimizeTasks.Compiler.Calibration;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Planning;

/// <summary>
/// What of an activation makes a difference: where nothing but gates takes it, they are closed below some number, or open
/// above another, and codes beyond would say nothing.
/// </summary>
internal static class GateLimits
{
    private static readonly ActivationRange s_unlimited = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The part of a range that makes a difference, with room for the zero point to be rounded: the last code is closed, or open.</summary>
    public static ActivationRange Cut(ActivationRange range, Value value)
    {
        ActivationRange limits = Of(value), cut = range.Within(limits);
        double step = (cut.Greatest - cut.Least) / byte.MaxValue;
        return range.Within(limits.Least - step, limits.Greatest + step);
    }

    /// <summary>The limits, around 0; infinite where there are none.</summary>
    public static ActivationRange Of(Value value)
    {
        ActivationRange[] limits = [.. value.Uses.Select(use => Of(use.Node))];
        return value.IsOutput || limits.Length == 0 ? s_unlimited : new ActivationRange(Math.Min(0, limits.Min(l => l.Least)), Math.Max(0, limits.Max(l => l.Greatest)));
    }

    private static ActivationRange Of(Node node)
    {
        if (node.Is("HardSwish"))
            return new ActivationRange(-3, double.PositiveInfinity);
        double slope = node.FloatAttribute("alpha", 0.2f), offset = node.FloatAttribute("beta", 0.5f);
        return node.Is("HardSigmoid") && slope > 0 ? new ActivationRange(-offset / slope, (1 - offset) / slope) : s_unlimited;
    }
}
