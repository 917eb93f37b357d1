using System.Globalization;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>A dimension of an input: a size, or a symbol or expression.</summary>
internal readonly record struct SizeTerm(long Size, string? Symbol)
{
    /// <summary>Sizes without a name get one that no file uses by chance; the first dimensions are taken for one batch.</summary>
    public static SizeTerm Of(Value input, int axis)
    {
        Dimension dimension = input.Shape![axis];
        if (dimension.TryGetValue(out long size))
            return new SizeTerm(size, null);
        if (!dimension.IsUnknown)
            return new SizeTerm(0, dimension.ToString());
        return new SizeTerm(0, axis == 0 ? "batch?" : FormattableString.Invariant($"{input.Name}?{axis}"));
    }

    public override string ToString() => Symbol ?? Size.ToString(CultureInfo.InvariantCulture);
}
