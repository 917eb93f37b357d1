using System.Collections.Immutable;

namespace OptimizeTasks.Onnx;

/// <summary>
/// Tensors that are computed from others when a model is written. They come in pieces that do not depend on one another:
/// <see cref="ModelWriter"/> computes them on all cores and writes each to its place, so that no tensor is in memory as a
/// whole. The bytes are the same whatever the number of cores. Equal computations give equal bytes.
/// </summary>
public abstract class TensorComputation
{
    private readonly ImmutableArray<ComputedData> _outputs;

    /// <summary>A computation whose results have these lengths in bytes.</summary>
    protected TensorComputation(params ReadOnlySpan<long> lengths)
    {
        var outputs = ImmutableArray.CreateBuilder<ComputedData>(lengths.Length);
        for (int i = 0; i < lengths.Length; i++)
            outputs.Add(new ComputedData(this, i, lengths[i]));
        _outputs = outputs.MoveToImmutable();
    }

    /// <summary>The results: several of them come from one reading of the source.</summary>
    public ImmutableArray<ComputedData> Outputs => _outputs;

    /// <summary>The number of pieces.</summary>
    public abstract int PieceCount { get; }

    /// <summary>The memory in bytes that computing one piece takes.</summary>
    public abstract long PieceBytes { get; }

    /// <summary>The pieces that give a part of a result: all of them, where a computation does not know better.</summary>
    /// <param name="output">The number of the result.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <returns>The first piece, and the one behind the last.</returns>
    public virtual (int First, int End) PiecesOf(int output, long offset, long length) => (0, PieceCount);

    /// <summary>Computes one piece, perhaps beside others, and gives away its bytes.</summary>
    /// <param name="piece">The number of the piece.</param>
    /// <param name="sink">Receives the bytes, in any order; all pieces together give every byte of every result once.</param>
    /// <exception cref="ModelFormatException">The source cannot be read.</exception>
    public abstract void Compute(int piece, ComputedBytes sink);

    /// <summary>Whether both make the same of the same source.</summary>
    public abstract override bool Equals(object? obj);

    /// <inheritdoc/>
    public abstract override int GetHashCode();
}

/// <summary>Receives a part of a computed tensor.</summary>
/// <param name="output">Which of the computation's results it belongs to.</param>
/// <param name="offset">Where it begins in it.</param>
/// <param name="bytes">The bytes, which may be overwritten afterwards.</param>
public delegate void ComputedBytes(int output, long offset, ReadOnlySpan<byte> bytes);
