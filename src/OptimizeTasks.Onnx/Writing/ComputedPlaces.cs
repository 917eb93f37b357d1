using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace OptimizeTasks.Onnx.Writing;

/// <summary>
/// Where computed tensors belong in the files that are being written. They come last: each core takes the next piece, and
/// writes what comes of it at its place.
/// </summary>
internal sealed class ComputedPlaces
{
    /// <summary>What all cores together may hold.</summary>
    private const long WorkingBytes = 96 << 20;

    private readonly Dictionary<TensorComputation, List<Place>> _places = [];
    private readonly List<(TensorComputation Computation, int Piece)> _pieces = [];

    /// <summary>Leaves out a tensor: its place begins at <paramref name="offset"/>.</summary>
    public void Add(ComputedData data, SafeFileHandle file, long offset)
    {
        if (!_places.TryGetValue(data.Computation, out List<Place>? places))
        {
            _places.Add(data.Computation, places = []);
            _pieces.AddRange(Enumerable.Range(0, data.Computation.PieceCount).Select(piece => (data.Computation, piece)));
        }

        places.Add(new Place(data.Index, file, offset));
    }

    /// <summary>Computes and writes everything that was left out.</summary>
    public void Fill(CancellationToken cancellationToken)
    {
        if (_pieces.Count == 0)
            return;
        // The longest first, so that no core works long after the others are done.
        (TensorComputation Computation, int Piece)[] pieces = [.. _pieces.OrderByDescending(piece => piece.Computation.Outputs.Sum(output => output.Length) / piece.Computation.PieceCount)];
        int workers = (int)Math.Clamp(WorkingBytes / _places.Keys.Max(c => Math.Max(1, c.PieceBytes)), 1, Math.Min(Environment.ProcessorCount, pieces.Length));
        var faults = new SortedDictionary<int, ExceptionDispatchInfo>();
        int next = -1;
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            while (!HasFault() && Interlocked.Increment(ref next) is var piece && piece < pieces.Length)
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Compute(pieces[piece].Computation, pieces[piece].Piece);
                }
                catch (Exception e)
                {
                    lock (faults)
                        faults.Add(piece, ExceptionDispatchInfo.Capture(e));
                }
            }
        });

        // Pieces are begun in order: the first that fails is the same in every run.
        foreach (ExceptionDispatchInfo fault in faults.Values)
            fault.Throw();

        bool HasFault()
        {
            lock (faults)
                return faults.Count > 0;
        }
    }

    private void Compute(TensorComputation computation, int piece)
    {
        List<Place> places = _places[computation];
        computation.Compute(piece, (output, offset, bytes) =>
        {
            foreach (Place place in places)
            {
                if (place.Output == output)
                    RandomAccess.Write(place.File, bytes, place.Offset + offset);
            }
        });
    }

    private sealed record Place(int Output, SafeFileHandle File, long Offset);
}
