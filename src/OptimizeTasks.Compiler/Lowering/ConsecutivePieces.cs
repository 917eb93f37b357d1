using OptimizeTasks.Onnx;

namespace OptimizeTasks.Compiler.Lowering;

/// <summary>A computation of one tensor in pieces behind each other, all of one length but the last.</summary>
/// <param name="length">The length of the tensor in bytes.</param>
internal abstract class ConsecutivePieces(long length) : TensorComputation(length)
{
    /// <inheritdoc/>
    public sealed override int PieceCount => PiecesTo(Outputs[0].Length);

    /// <summary>The bytes of the tensor that a piece gives.</summary>
    protected abstract long PieceLength { get; }

    /// <inheritdoc/>
    public sealed override (int First, int End) PiecesOf(int output, long offset, long length) => ((int)(offset / Math.Max(1, PieceLength)), PiecesTo(offset + length));

    private int PiecesTo(long end)
    {
        long piece = Math.Max(1, PieceLength);
        return (int)((end + piece - 1) / piece);
    }
}
