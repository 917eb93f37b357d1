using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Rewriting;

/// <summary>A part of one axis of known size: from <c>Start</c> up to, and without, <c>End</c>.</summary>
internal sealed record AxisSlice(Node Node, Value Source, int Axis, long Size, long Start, long End)
{
    /// <summary>The part that a Slice takes; null where it is no such part, or not known.</summary>
    public static AxisSlice? Of(Node node)
    {
        if (node.Input(0) is not { Shape: { } shape } source || Single(node, 1) is not { } start || Single(node, 2) is not { } end || (node.Input(3) is not null && Single(node, 3) is null)
            || (node.Input(4) is not null && Single(node, 4) != 1))
            return null;
        long axis = Single(node, 3) ?? 0;
        axis = axis < 0 ? axis + shape.Rank : axis;
        if (axis < 0 || axis >= shape.Rank || !shape[(int)axis].TryGetValue(out long size) || size > int.MaxValue)
            return null;
        return new AxisSlice(node, source, (int)axis, size, Clamp(start, size), Math.Max(Clamp(end, size), Clamp(start, size)));
    }

    private static long? Single(Node node, int input) => node.Input(input).Integers() is [var number] ? number : null;

    private static long Clamp(long position, long size) => Math.Clamp(position < 0 ? position + size : position, 0, size);
}
