using OptimizeTasks.Compiler.Rewriting.Patterns;
using OptimizeTasks.Manifest;
using OptimizeTasks.Onnx;
using ElementType = OptimizeTasks.Onnx.ElementType;

namespace OptimizeTasks.Compiler.Lowering.GroupedQueries;

/// <summary>The lengths of the rows that a mask leaves, from the input that is promised to be right-padded.</summary>
internal sealed class PaddedRows
{
    private readonly Patch _patch;
    private readonly Value _mask;
    private readonly bool _isAsLongAsKeys;
    private Value? _total;

    private PaddedRows(Patch patch, Node attention, Value mask)
    {
        _patch = patch;
        _mask = mask;
        Attention = attention;
        _isAsLongAsKeys = mask.Shape![1].Equals(Past[2] + Queries[1]);
    }

    /// <summary>How many keys there are, the past ones included: a scalar.</summary>
    public Value Total => _total ??= _isAsLongAsKeys
        ? _patch.Size(_mask, 1)
        : _patch.Apply("Squeeze", [_patch.Add(_patch.SizeFromInput(Past[2], Attention.Inputs[4]!, 2), _patch.SizeFromInput(Queries[1], Attention.Inputs[0]!, 1))]);

    private Node Attention { get; }

    private Shape Past => Attention.Inputs[4]!.Shape!;

    private Shape Queries => Attention.Inputs[0]!.Shape!;

    /// <summary>Proves what the mask of an Attention does; null, and the patch's refusal, where it does something else.</summary>
    public static PaddedRows? Find(Node attention, Patch patch)
    {
        if (attention.Input(3) is not { } mask)
            return Refused("there is no mask");
        Dimension batch = attention.Inputs[0]!.Shape![0];
        if (patch.PromisedInput(InputContract.RightPadded, input => input.Shape is { Rank: 2 } shape && shape[0].Equals(batch) && Reading(input).IsCausalAndPadding(mask, attention.IntAttribute("is_causal") != 0)) is { } padding)
            return new PaddedRows(patch, attention, padding);
        return Refused(patch.PromisedInput(InputContract.RightPadded, _ => true) is { } promised
            ? $"the mask '{mask.Name}' is not proven to be causal and the padding of '{promised.Name}', and nothing else"
            : $"no input is promised to be {InputContract.RightPadded}");

        MaskReading Reading(Value input) => new(patch.Facts, patch.Options.Contracts, input, attention.Inputs[4]!.Shape![2]);

        PaddedRows? Refused(string reason)
        {
            patch.Refuse(reason);
            return null;
        }
    }

    /// <summary>The place of the last token of each row: the kernel's <c>seqlens_k</c>.</summary>
    public Value LastPositions()
    {
        Value ones = _patch.Cast(_mask, ElementType.Int32);
        // A mask of one element may stand for all.
        if (!_isAsLongAsKeys)
            ones = _patch.Apply("Expand", [ones, _patch.Concat(0, _patch.Integers(1), _patch.Unsqueeze(Total, 0))]);
        Value lengths = _patch.Apply("ReduceSum", [ones, _patch.Integers(1)], new IntAttribute("keepdims", 0));
        return _patch.Sub(lengths, _patch.Constant("one", Tensor.Create<int>(ElementType.Int32, [], [1])));
    }

    /// <summary>How many keys there are, in the kernel's type.</summary>
    public Value Total32() => _patch.Cast(Total, ElementType.Int32);
}
