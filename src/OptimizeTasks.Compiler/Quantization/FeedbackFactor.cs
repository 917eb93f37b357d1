using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OptimizeTasks.Compiler.Quantization;

/// <summary>
/// What error feedback has to know of a product's inputs: the lower triangle L for which LᵀL is their second moments, damped.
/// An error d of weights costs ‖L·d‖² in outputs, and L's element (j, i) says how an error at input i is felt at a later
/// input j. It stands in a file, row by row; two factors are equal if their bytes are.
/// </summary>
internal sealed class FeedbackFactor : IEquatable<FeedbackFactor>
{
    /// <summary>How much less inputs are taken to come together than they did on the samples: those are few, and sums are rounded.</summary>
    private const double UsualDamping = 0.01;

    private const double GreatestDamping = 100;

    private readonly FactorFile _file;
    private readonly long _position;
    private readonly UInt128 _hash;

    private FeedbackFactor(FactorFile file, long position, LowerTriangle factor)
    {
        _file = file;
        _position = position;
        Size = factor.Size;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int row = 0; row < Size; row++)
            hash.AppendData(MemoryMarshal.AsBytes(factor.Row(row)));
        _hash = MemoryMarshal.Read<UInt128>(hash.GetHashAndReset());
    }

    /// <summary>The number of inputs.</summary>
    public int Size { get; }

    /// <summary>Factors moments, and puts the result into a file.</summary>
    /// <param name="moments">The moments, which are destroyed.</param>
    /// <param name="file">The file.</param>
    /// <returns>Null where numbers are not finite.</returns>
    public static FeedbackFactor? TryCreate(LowerTriangle moments, FactorFile file)
    {
        double sum = 0;
        for (int i = 0; i < moments.Size; i++)
            sum += moments.Row(i)[i];
        if (!double.IsFinite(sum))
            return null;

        // The moments stand where the factor will, for another attempt.
        long position = file.Reserve(moments.Elements.Length);
        file.Write(position, moments.Elements);
        for (double damping = UsualDamping; damping <= GreatestDamping; damping *= 10)
        {
            Damp(moments, damping, sum == 0 ? 1 : damping * sum / moments.Size);
            if (moments.TryFactor())
            {
                file.Write(position, moments.Elements);
                return new FeedbackFactor(file, position, moments);
            }

            file.Read(position, moments.Elements);
        }

        return null;
    }

    /// <summary>Reads rows up to their diagonal; what stands behind it means nothing.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="destination">Receives them.</param>
    /// <param name="stride">Where in the destination the next row begins.</param>
    public void Read(int first, int count, Span<float> destination, int stride)
    {
        for (int i = 0; i < count; i++)
            _file.Read(_position + (LowerTriangle.Start(first + i) * sizeof(float)), destination.Slice(i * stride, first + i + 1));
    }

    /// <inheritdoc/>
    public bool Equals(FeedbackFactor? other) => other is not null && other.Size == Size && other._hash == _hash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FeedbackFactor);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.GetHashCode();

    /// <summary>Each input by a part of its own moment, so that one which is far larger than all others does not hide them.</summary>
    private static void Damp(LowerTriangle moments, double damping, double dead)
    {
        for (int i = 0; i < moments.Size; i++)
        {
            ref float moment = ref moments.Row(i)[i];
            moment = (float)(moment == 0 ? dead : moment * (1 + damping));
        }
    }
}
