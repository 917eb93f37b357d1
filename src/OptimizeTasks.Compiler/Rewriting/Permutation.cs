using System.Collections.Immutable;
using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>What a <c>Transpose</c> does: axis i of the result is axis <c>this[i]</c> of the input. Compared by value.</summary>
internal sealed class Permutation : IEquatable<Permutation>
{
    private readonly ImmutableArray<int> _axes;

    private Permutation(ImmutableArray<int> axes) => _axes = axes;

    /// <summary>The number of axes.</summary>
    public int Rank => _axes.Length;

    /// <summary>Whether no axis moves.</summary>
    public bool IsIdentity => KeepsFrom(0);

    /// <summary>Whether it exchanges the last two axes, and moves no other.</summary>
    public bool ExchangesLastAxes => Rank >= 2 && _axes[^1] == Rank - 2 && _axes[^2] == Rank - 1 && _axes[..^2].Select((a, i) => a == i).All(stays => stays);

    /// <summary>The input's axis that becomes axis <paramref name="axis"/> of the result.</summary>
    public int this[int axis] => _axes[axis];

    /// <summary>A permutation of these axes; null where they are none.</summary>
    public static Permutation? Of(IReadOnlyList<long> axes)
    {
        var seen = new bool[axes.Count];
        foreach (long axis in axes)
        {
            if (axis < 0 || axis >= seen.Length || seen[axis])
                return null;
            seen[axis] = true;
        }

        return new Permutation([.. axes.Select(a => (int)a)]);
    }

    /// <summary>What the node does; null if it is no <c>Transpose</c>, or one of an unknown rank.</summary>
    public static Permutation? Of(Node node)
    {
        if (!node.Is("Transpose") || node is not { Inputs: [{ }, ..], Outputs: [{ }, ..] })
            return null;
        if (node.IntsAttribute("perm") is { } axes)
            return Of(axes);
        return node.Input(0)?.Shape is { } shape ? new Permutation([.. Enumerable.Range(0, shape.Rank).Reverse()]) : null;
    }

    /// <summary>Whether the axes from <paramref name="axis"/> on stay where they are.</summary>
    public bool KeepsFrom(int axis)
    {
        for (int i = axis; i < Rank; i++)
        {
            if (_axes[i] != i)
                return false;
        }

        return true;
    }

    /// <summary>This one, and then another one.</summary>
    public Permutation Then(Permutation next) => new([.. next._axes.Select(a => _axes[a])]);

    /// <summary>The one that takes this one back.</summary>
    public Permutation Inverse()
    {
        var axes = new int[Rank];
        for (int i = 0; i < axes.Length; i++)
            axes[_axes[i]] = i;
        return new Permutation([.. axes]);
    }

    /// <summary>What remains where these axes of the result, and the input's behind them, go.</summary>
    public Permutation Without(ICollection<int> axes)
    {
        int[] gone = [.. axes.Select(a => _axes[a])];
        return new Permutation([.. Enumerable.Range(0, Rank).Where(i => !axes.Contains(i)).Select(i => _axes[i] - gone.Count(g => g < _axes[i]))]);
    }

    /// <summary>The same with new axes, which stand at the same places on both sides.</summary>
    /// <param name="axes">The places, in the result with the new axes.</param>
    public Permutation With(ICollection<int> axes)
    {
        int rank = Rank + axes.Count;
        int[] others = [.. Enumerable.Range(0, rank).Where(i => !axes.Contains(i))];
        var all = new int[rank];
        foreach (int axis in axes)
            all[axis] = axis;
        for (int i = 0; i < others.Length; i++)
            all[others[i]] = others[_axes[i]];
        return new Permutation([.. all]);
    }

    /// <summary>The list of the result, from that of the input: one element per axis.</summary>
    public T[] Apply<T>(IReadOnlyList<T> list) => [.. _axes.Select(a => list[a])];

    /// <summary>The attribute of a <c>Transpose</c>.</summary>
    public IntsAttribute ToAttribute() => new("perm", [.. _axes.Select(a => (long)a)]);

    /// <inheritdoc/>
    public bool Equals(Permutation? other) => other is not null && _axes.AsSpan().SequenceEqual(other._axes.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Permutation);

    /// <inheritdoc/>
    public override int GetHashCode() => _axes.Aggregate(Rank, (hash, axis) => (hash * 31) + axis);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _axes)}]";
}
