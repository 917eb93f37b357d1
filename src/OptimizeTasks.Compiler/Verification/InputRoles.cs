using System.Collections.Immutable;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Verification;

/// <summary>Finds out what a model's inputs stand for.</summary>
internal static class InputRoles
{
    private const int TokenTypes = 2;

    /// <summary>The inputs that a caller must give, in the model's order.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="contracts">What was promised of inputs.</param>
    /// <exception cref="NotSupportedException">An input is of a type for which nothing can be drawn; the message says so.</exception>
    public static IReadOnlyList<InputSpecification> Of(Graph graph, ImmutableArray<InputContract> contracts = default) =>
        [.. graph.Inputs.Where(i => i.Initializer is null).Select(i => Of(i, contracts.IsDefault ? null : contracts.FirstOrDefault(c => c.Input == i.Name)?.Promise))];

    private static InputSpecification Of(Value input, string? promise)
    {
        if (input.Type is not TensorType { Shape: { } shape } type)
            throw new NotSupportedException($"the input '{input.Name}' is no tensor of known rank");
        if (!CanDraw(type.ElementType))
            throw new NotSupportedException($"nothing can be drawn for the input '{input.Name}' of type {type.ElementType}");
        InputTrace trace = InputTrace.Of(input);
        InputRole role = promise switch
        {
            InputContract.RightPadded => InputRole.Mask,
            InputContract.Consecutive => InputRole.Position,
            _ => RoleOf(input.Name, type.ElementType, shape, trace),
        };
        long? bound = trace.Bound ?? (role == InputRole.Index && NamesTokenType(input.Name) ? TokenTypes : null);
        return new InputSpecification(input.Name, type.ElementType, [.. Enumerable.Range(0, shape.Rank).Select(axis => SizeTerm.Of(input, axis))], role, bound, [.. trace.Choices], promise is not null);
    }

    private static bool CanDraw(ElementType type) => type is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16
        or ElementType.String or ElementType.Bool or (>= ElementType.UInt8 and <= ElementType.Int64) or ElementType.UInt32 or ElementType.UInt64;

    private static InputRole RoleOf(string name, ElementType type, Shape shape, InputTrace trace)
    {
        if (type == ElementType.String)
            return InputRole.Text;
        if (Has(name, "mask"))
            return InputRole.Mask;
        if (type == ElementType.Bool)
            return InputRole.Truth;
        if (shape.Rank == 4 && HasChannels(shape) && !SizePlan.IsPast(name) && (type.IsFloatingPoint() || type is ElementType.UInt8 or ElementType.Int8))
            return InputRole.Image;
        if (type.IsFloatingPoint())
            return InputRole.Real;
        if (Has(name, "position") || Has(name, "pos_ids"))
            return InputRole.Position;
        if (trace.Bound is not null || NamesTokenType(name))
            return InputRole.Index;
        if (trace.IsMask && shape.Rank > 1)
            return InputRole.Mask;
        return shape.Rank <= 1 && (Has(name, "len") || Has(name, "total")) ? InputRole.Length : InputRole.Integer;
    }

    /// <summary>One, three or four channels, before height and width or after them.</summary>
    private static bool HasChannels(Shape shape) => IsChannels(shape[1]) || IsChannels(shape[3]);

    private static bool IsChannels(Dimension dimension) => dimension.TryGetValue(out long size) && size is 1 or 3 or 4;

    private static bool NamesTokenType(string name) => Has(name, "token_type") || Has(name, "segment");

    private static bool Has(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
