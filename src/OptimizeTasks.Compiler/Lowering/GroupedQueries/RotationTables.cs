using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>
/// Cosines and sines by position: the model's own table where it has one; otherwise what it computes from consecutive
/// positions, computed for all positions from 0 on.
/// </summary>
/// <param name="patch">The patch.</param>
/// <param name="positions">The positions among the inputs that are promised to be consecutive.</param>
/// <param name="total">How many positions there are, a scalar.</param>
internal sealed class RotationTables(Patch patch, Value positions, Value total)
{
    /// <summary>Far more than any exporter's angles take.</summary>
    private const int MostSteps = 100;

    private readonly Dictionary<Value, Value> _replaced = [];
    private int _steps;

    /// <summary>The table of an input of a RotaryEmbedding, [positions, half the size]; null where it is not known how the angles follow from the positions.</summary>
    public Value? Of(Node rotation, int input)
    {
        Value given = rotation.Inputs[input]!;
        if (rotation.Input(3) is { } places)
            return places == positions && given.Shape is { Rank: 2 } ? given : null;
        if (given.Shape is not { Rank: 3 })
            return null;
        if (given.Producer is { OpType: "Gather", Domain.Length: 0 } look && look.Input(1) == positions && look.IntAttribute("axis") == 0 && look.Inputs[0] is { Shape.Rank: 2 } table)
            return table;
        return ForAll(given) is { } all && _replaced.ContainsKey(positions) ? Row(all) : null;
    }

    /// <summary>What a value is where the positions are 0, 1, 2, …; null where its elements do not each follow from one position.</summary>
    private Value? ForAll(Value value)
    {
        if (_replaced.TryGetValue(value, out Value? known))
            return known;
        if (++_steps > MostSteps)
            return null;
        Value? all = value == positions ? AllPositions() : ConstantOf(value) ?? (value.Producer is { Domain.Length: 0 } node ? ForAll(node) : null);
        if (all is not null)
            _replaced[value] = all;
        return all;
    }

    private Value? ForAll(Node node)
    {
        bool isOuterProduct = node.OpType == "MatMul" && node.Inputs[0]!.Shape is { Rank: > 1 } shape && shape[^1].Equals(Dimension.Of(1));
        if (node.Outputs.Count != 1 || !(isOuterProduct || node.OpType is "Identity" or "Cast" or "Unsqueeze" or "Transpose" or "Cos" or "Sin" or "Neg" or "Add" or "Sub" or "Mul" or "Div"))
            return null;
        Value?[] inputs = [.. node.Inputs.Select(i => i is null ? null : ForAll(i))];
        return inputs.Any(i => i is null) ? null : patch.Apply(node.OpType, inputs, node.Attributes);
    }

    /// <summary>The constant that a value is, or that it repeats for every row of a batch; null where it is computed.</summary>
    private static Value? ConstantOf(Value value)
    {
        if (value.Constant is not null)
            return value;
        return value.Producer is { OpType: "Expand", Domain.Length: 0 } expand && expand.Inputs[0] is { Constant: not null } constant && constant.Shape!.Rank == value.Shape?.Rank
            && constant.Shape.Skip(1).SequenceEqual(value.Shape.Skip(1)) ? constant : null;
    }

    /// <summary>[1, total]: 0, 1, 2, …</summary>
    private Value AllPositions()
    {
        Value zero = patch.Constant("zero", Tensor.Create<long>(ElementType.Int64, [], [0]));
        Value one = patch.Constant("one", Tensor.Create<long>(ElementType.Int64, [], [1]));
        Value range = patch.Apply("Range", [zero, total, one]);
        return patch.Cast(positions.Shape!.Rank == 2 ? patch.Unsqueeze(range, 0) : range, positions.ElementType);
    }

    /// <summary>The first of a batch of equal tables; null where it is not one of size 1.</summary>
    private Value? Row(Value tables) => tables.Shape is { Rank: 3 } shape && shape[0].Equals(Dimension.Of(1)) ? patch.Apply("Squeeze", [tables, patch.Integers(0)]) : null;
}
