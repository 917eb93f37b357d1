using Microsoft.ML.OnnxRuntime;
using OptimizeTasks.Manifest;
using OptimizeTasks.Runtime.Native;
using OptimizeTasks.Runtime.Shapes;

namespace OptimizeTasks.Runtime.Calling;

/// <summary>A session for the calls in which some dimensions have certain sizes.</summary>
internal sealed class SizedSession
{
    private readonly (int Symbol, DimensionRange Range)[] _conditions;

    public SizedSession(SizeVariant variant, ShapeRules rules)
    {
        Session = variant.Session;
        Handle = OrtNative.Handle(variant.Session);
        _conditions = [.. variant.Variant.When.Dimensions.Select(dimension => (rules.SymbolOf(dimension.Key), dimension.Value))];
    }

    /// <summary>The session, which has to live as long as its handle is used.</summary>
    public InferenceSession Session { get; }

    public nint Handle { get; }

    /// <summary>Whether the shapes of a call, which were checked, are those that the session is for.</summary>
    public bool IsFor(ShapeCheck shapes)
    {
        foreach ((int symbol, DimensionRange range) in _conditions)
        {
            // What no input says lies in no range.
            if (symbol < 0 || shapes.SizeOf(symbol) is var size && (size == ShapeCheck.Unbound || !range.Contains(size)))
                return false;
        }

        return true;
    }
}
